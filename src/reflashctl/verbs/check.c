/* SPDX-License-Identifier: ISC */
/* The verb check: judges image files without the daemon. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "core/image/digest.h"
#include "core/image/image.h"
#include "core/image/image_label.h"
#include "core/image/image_after.h"
#include "reflashctl/out/field.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/verb.h"

/* Four times the largest flash that an ESP8266 can have. */
#define MAX_READ (64u << 20)

#define GUESSED                                                                \
	"The version is the one that was released on the day on which this "   \
	"image was built."

struct file {
	const char *path; /* borrowed */
	char *data;	  /* owned */
	size_t size;
	char sha256[DIGEST_SHA256_SIZE];
	struct image_report report;
};

/* Read a file, even one that is too large to flash: its checksum is printed. */
static bool
read_all(int fd, struct file *file, struct error *err)
{
	size_t room = 0;

	while (file->size < MAX_READ) {
		ssize_t n;

		if (file->size == room) {
			room += IMAGE_MAX_FILE;
			file->data = xrealloc(file->data, room, 1);
		}
		n = read(fd, file->data + file->size, room - file->size);
		if (n == 0)
			return true;
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return error_errno(err, errno, "%s", file->path);
		file->size += (size_t)n;
	}
	return error_set(err, EFBIG,
	    "%s: too large for an image; at most %u bytes are read", file->path,
	    MAX_READ);
}

static bool
load_file(const char *path, struct file *file, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct digest *digest = NULL;
	bool ok;

	*file = (struct file){ .path = path };
	if (fd == -1 && errno == ENOENT)
		return error_set(err, errno,
		    "%s: there is no such file; write the path of an image, as "
		    "in /var/lib/reflashd/images/tasmota-lite.bin",
		    path);
	if (fd == -1)
		return error_errno(err, errno, "%s", path);
	ok = read_all(fd, file, err);
	close(fd);
	if (!ok || (digest = digest_new(err)) == NULL)
		return false;
	ok = digest_sha256(digest, file->data, file->size, file->sha256, err);
	digest_free(digest);
	if (!ok)
		return false;
	image_check(file->data, file->size, &file->report);
	image_report_identify(&file->report, file->sha256);
	return true;
}

static json_t *
text_or_null(const char *text)
{
	json_t *value =
	    text != NULL && text[0] != '\0' ? json_string(text) : NULL;

	return value != NULL ? value : json_null();
}

static json_t *
file_json(const struct file *file)
{
	const struct image_report *report = &file->report;
	json_t *notes = json_array();
	char *name = term_text(file->path), label[IMAGE_LABEL_SIZE];
	json_t *out;

	for (size_t i = 0; i < report->note_count; i++)
		json_array_append_new(notes, text_or_null(report->notes[i]));
	if (report->version_guessed)
		json_array_append_new(notes, json_string(GUESSED));
	if (image_after(report) != NULL)
		json_array_append_new(notes, json_string(image_after(report)));
	out = json_pack("{s:o, s:I, s:s, s:s, s:o, s:o, s:s, s:s, s:o, s:o,"
			" s:o}",
	    "file", text_or_null(name), "size", (json_int_t)file->size,
	    "sha256", file->sha256, "kind", image_kind_name(report->kind),
	    "version", text_or_null(report->version), "variant",
	    text_or_null(report->variant), "label", image_label(report, label),
	    "verdict", image_verdict_name(report->verdict), "reason",
	    text_or_null(reason_token(report->reason)), "detail",
	    text_or_null(report->text), "notes", notes);
	free(name);
	return out;
}

static void
print_verdict(enum image_verdict verdict)
{
	static const struct {
		enum term_color color;
		const char *word;
	} words[] = {
		[IMAGE_ACCEPT] = { COLOR_GREEN, "accepted" },
		[IMAGE_WARN] = { COLOR_YELLOW, "accepted, with a warning" },
		[IMAGE_REFUSE] = { COLOR_RED, "REFUSED" },
	};

	printf("%s%s%s", term_color(words[verdict].color), words[verdict].word,
	    term_color(COLOR_NONE));
}

static void
print_file(const struct file *file)
{
	const struct image_report *report = &file->report;
	char *name = term_text(file->path);

	printf("%s: ", name);
	free(name);
	print_verdict(report->verdict);
	printf(": %s%s%s%s%s, %zu bytes\n", image_kind_name(report->kind),
	    report->version[0] != '\0' ? " " : "", report->version,
	    report->variant[0] != '\0' ? " " : "", report->variant, file->size);
	if (report->verdict == IMAGE_REFUSE) {
		field_print("reason", reason_token(report->reason), COLOR_RED);
		field_print("meaning", report->text, COLOR_NONE);
		field_print(
		    "what to do", reason_advice(report->reason), COLOR_NONE);
	}
	for (size_t i = 0; i < report->note_count; i++)
		field_print("note", report->notes[i], COLOR_NONE);
	if (report->version_guessed)
		field_print("note", GUESSED, COLOR_NONE);
	if (image_after(report) != NULL)
		field_print("then", image_after(report), COLOR_NONE);
	field_print("sha256", file->sha256, COLOR_NONE);
}

static int
check_file(const char *path, json_t *images)
{
	struct file file;
	struct error err;
	int rc = CTL_EXIT_DONE;

	if (!load_file(path, &file, &err)) {
		complain("%s", err.text);
		rc = err.code == ENOENT ? CTL_EXIT_NOT_FOUND : CTL_EXIT_ERROR;
	} else {
		if (images != NULL)
			json_array_append_new(images, file_json(&file));
		else
			print_file(&file);
		if (file.report.verdict == IMAGE_REFUSE)
			rc = CTL_EXIT_FAILED;
	}
	free(file.data);
	return rc;
}

int
verb_check(struct ctl *ctl, int argc, char **argv)
{
	json_t *images = ctl->json ? json_array() : NULL;
	int rc = CTL_EXIT_DONE;

	/* A refused image counts more than an unreadable one. */
	for (int i = 0; i < argc; i++) {
		int one = check_file(argv[i], images);

		rc = one > rc ? one : rc;
	}
	if (images != NULL)
		json_out_print("images", images);
	return rc;
}
