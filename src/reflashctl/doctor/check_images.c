/* SPDX-License-Identifier: ISC */
/*
 * Looks at the files in ImageDirectory: through the eyes of the daemon where it
 * runs, else with those of this user.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "core/image/image.h"
#include "reflashctl/doctor/checks.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_text.h"

#define CHECK "images"

/* The files that are there, and what they are good for. */
struct count {
	unsigned first, upgrade, unfit;
};

static void
add_summary(
    struct findings *findings, const char *folder, const struct count *count)
{
	struct finding *finding;

	if (count->first + count->upgrade > 0) {
		findings_add(findings, CHECK, VERDICT_OK,
		    "%u first image%s and %u for Upgrade= in %s", count->first,
		    count->first == 1 ? "" : "s", count->upgrade, folder);
		return;
	}
	finding = findings_add(findings, CHECK, VERDICT_WARNING,
	    "no image that could be flashed is in %s", folder);
	finding_cure(finding,
	    "To get a first image, or to put a file of yours there "
	    "(reflashctl add FILE):");
	finding_command(finding, "reflashctl download tasmota-lite");
}

/* Move the command behind "correct it with: " out of the sentence. */
static void
cut_command(const struct installation *installation, struct finding *finding)
{
	static const char marker[] = "; correct it with: ";
	char *at = strstr(finding->detail, marker);
	const char *command;

	if (at == NULL)
		return;
	command = at + strlen(marker);
	/* The daemon is no root, and says "sudo " to everybody. */
	if (!installation->is_root)
		finding_command(finding, "%s", command);
	else if (strncmp(command, "sudo ", 5) == 0) {
		const char *second = strstr(command, " && sudo ");

		finding_command(finding, "%.*s%s%s",
		    second != NULL ? (int)(second - command - 5)
				   : (int)strlen(command) - 5,
		    command + 5, second != NULL ? " && " : "",
		    second != NULL ? second + 9 : "");
	} else
		finding_command(finding, "%s", command);
	finding_cure(finding, "To correct that:");
	*at = '\0';
}

/* Count an image as the daemon sees it; add one that it cannot use at all. */
static void
add_image(const struct installation *installation, struct findings *findings,
    const json_t *image, struct count *count)
{
	const char *name = device_text(image, "name");
	const char *use = device_text(image, "use");
	const char *detail = device_text(image, "detail");
	const char *advice = device_text(image, "advice");
	struct finding *finding;
	bool is_unread = device_text(image, "sha256") == NULL;

	if (use != NULL && strcmp(use, "first") == 0)
		count->first++;
	else if (use != NULL)
		count->upgrade++;
	else
		count->unfit++;
	if (use != NULL || name == NULL)
		return;
	finding = findings_add(findings, CHECK,
	    is_unread ? VERDICT_FAILURE : VERDICT_WARNING, "%s: %s", name,
	    detail != NULL ? detail : "it cannot be used");
	cut_command(installation, finding);
	if (finding->command == NULL && advice != NULL)
		finding_cure(finding, "%s", advice);
}

static bool
ask_daemon(const struct installation *installation, struct findings *findings)
{
	struct answer answer;
	struct count count = { 0 };
	struct error err;
	const json_t *image;
	size_t i;
	bool ok =
	    request_send(installation->ctl, CTL_IMAGES, NULL, &answer, &err);

	if (ok) {
		json_array_foreach (answer.items, i, image)
			add_image(installation, findings, image, &count);
		add_summary(
		    findings, installation->config->image_directory, &count);
	}
	answer_fini(&answer);
	return ok;
}

/* Read a file of the folder and judge it. */
static void
judge(int fd, size_t size, struct count *count)
{
	char *data = xcalloc(size, 1);
	struct image_report first, upgrade;
	size_t have = 0;
	ssize_t n;

	while (have < size && (n = read(fd, data + have, size - have)) > 0)
		have += (size_t)n;
	image_check(data, have, &first);
	image_check_upgrade(data, have, &upgrade);
	if (first.verdict != IMAGE_REFUSE)
		count->first++;
	else if (upgrade.verdict != IMAGE_REFUSE)
		count->upgrade++;
	else
		count->unfit++;
	free(data);
}

static void
look_at(int folder, const char *name, struct count *count)
{
	int fd = openat(
	    folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct stat st;

	if (fd == -1)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size <= (off_t)IMAGE_MAX_FILE)
		judge(fd, (size_t)st.st_size, count);
	close(fd);
}

/* Look at the folder without the daemon; reflashd -t tells of its owner. */
static void
look_alone(const struct installation *installation, struct findings *findings)
{
	const char *folder = installation->config->image_directory;
	DIR *dir = opendir(folder);
	struct count count = { 0 };
	struct finding *finding;
	const struct dirent *entry;

	if (dir == NULL && errno == EACCES) {
		finding = findings_add(findings, CHECK, VERDICT_WARNING,
		    "this user may not look into %s", folder);
		finding_cure(finding, "To see everything:");
		finding_command(
		    finding, "sudo %s doctor", installation->reflashctl);
		return;
	}
	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			look_at(dirfd(dir), entry->d_name, &count);
	if (dir != NULL)
		closedir(dir);
	add_summary(findings, folder, &count);
}

void
check_images(const struct installation *installation, struct findings *findings)
{
	if (installation->status == NULL || !ask_daemon(installation, findings))
		look_alone(installation, findings);
}
