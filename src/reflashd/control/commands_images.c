/* SPDX-License-Identifier: ISC */
/*
 * Lists the images in ImageDirectory, and puts a new one there that a client
 * has sent.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/sealed.h"
#include "core/config/configuration.h"
#include "core/control/ctlproto.h"
#include "core/control/report_image.h"
#include "core/image/image_file.h"
#include "core/image/image_label.h"
#include "io/advice.h"
#include "io/images.h"
#include "io/images_folder.h"
#include "io/manager.h"
#include "reflashd/control/commands_parts.h"
#include "reflashd/policy/image_use.h"
#include "reflashd/schedule/scheduler.h"

static const char *
folder_of(const struct commands *commands)
{
	return commands->parts.setup->config->image_directory;
}

/* Describe an image under the name that it has, or is to have. */
static json_t *
describe(const struct commands *commands, const struct image *image,
    const char *name)
{
	const struct report_image report = {
		.name = name,
		.size = image_size(image),
		.sha256 = image_sha256(image),
		.first = image_report(image),
		.upgrade = image_upgrade_report(image),
	};

	return report_image(
	    &report, image_use_policies(commands->parts.setup, name));
}

/* Describe a file that cannot be read, as the error says. */
static json_t *
describe_unread(
    const struct commands *commands, const char *name, const struct error *why)
{
	char *path = xasprintf("%s/%s", folder_of(commands), name);
	struct stat st;
	const struct report_image report = {
		.name = name,
		.size = stat(path, &st) == 0 ? (uint64_t)st.st_size : 0,
		.reason = image_error_reason(why),
		.text = why->text,
	};

	free(path);
	return report_image(
	    &report, image_use_policies(commands->parts.setup, name));
}

/* The answer to images: a file in each turn. */
struct shelf {
	struct stream stream;
	struct commands *commands; /* borrowed */
	struct strlist names;	   /* owned */
	size_t next;
};

static bool
shelf_part(struct stream *stream, struct control_client *client)
{
	struct shelf *shelf = (struct shelf *)stream;
	const struct commands *commands = shelf->commands;
	struct image *image;
	struct error err;
	const char *name;

	if (shelf->next == shelf->names.count)
		return false;
	name = shelf->names.items[shelf->next++];
	image = image_cache_look(commands->parts.images, name, &err);
	if (image != NULL)
		control_send_item(client, describe(commands, image, name));
	else if (err.code != ENOENT)
		control_send_item(
		    client, describe_unread(commands, name, &err));
	image_unref(image);
	return true;
}

static void
shelf_done(struct stream *stream, struct control_client *client)
{
	const struct shelf *shelf = (struct shelf *)stream;

	control_done(
	    client, json_pack("{s:s}", "folder", folder_of(shelf->commands)));
}

static void
shelf_free(struct stream *stream)
{
	strlist_fini(&((struct shelf *)stream)->names);
	free(stream);
}

/* Answer that something cannot be done with ImageDirectory, and what helps. */
static void
fail_folder(const struct request *r, struct error *err)
{
	const char *folder = folder_of(r->commands);

	if (err->code == EROFS && manager_is_there())
		error_set(err, EROFS,
		    "the unit of the daemon lets it only read %s: run sudo "
		    "systemctl edit reflashd, write there [Service] and "
		    "ReadWritePaths=%s, and restart the daemon",
		    folder, folder);
	else
		advice_add(folder, err);
	if (err->code == ENOENT)
		err->code = EIO; /* no name of the request is unknown */
	error_prefix(err, "ImageDirectory");
	control_fail(r->client, err);
}

/* List the names of all files, or only the one that the request names. */
static bool
list_names(const struct request *r, struct strlist *names, struct error *err)
{
	const char *name = ctl_arg_text(r->args, "name");

	*names = (struct strlist){ 0 };
	if (name == NULL)
		return images_folder_list(folder_of(r->commands), names, err);
	strlist_add(names, name);
	return true;
}

void
command_images(const struct request *r)
{
	const char *name = ctl_arg_text(r->args, "name");
	struct strlist names;
	struct shelf *shelf;
	struct error err;

	if (name != NULL && !image_file_check(name, &err)) {
		control_fail(r->client, &err);
		return;
	}
	if (!list_names(r, &names, &err)) {
		fail_folder(r, &err);
		return;
	}
	shelf = xcalloc(1, sizeof(*shelf));
	shelf->stream = (struct stream){
		.part = shelf_part,
		.done = shelf_done,
		.free = shelf_free,
	};
	shelf->commands = r->commands;
	shelf->names = names;
	stream_start(r->commands->streams, r->client, &shelf->stream);
}

/* Check the bytes of an image against what the client says of them. */
static bool
is_as_told(const json_t *args, const struct image *image, struct error *err)
{
	const char *name = ctl_arg_text(args, "name");
	json_int_t size = ctl_arg_number(args, "size");

	if (size < 0 || (size_t)size != image_size(image))
		return error_set(err, EINVAL,
		    "%s: %lld bytes were to come, and %zu came", name,
		    (long long)size, image_size(image));
	if (strcasecmp(ctl_arg_text(args, "sha256"), image_sha256(image)) != 0)
		return error_set(err, EINVAL,
		    "%s: the checksum of its bytes is %s, and it was to be "
		    "%.64s",
		    name, image_sha256(image), ctl_arg_text(args, "sha256"));
	return true;
}

/* Receive the image of a request; NULL: it is none, or not as it should be. */
static struct image *
receive_image(const struct request *r, struct error *err)
{
	const struct digest *digest =
	    image_cache_digest(r->commands->parts.images);
	const char *name = ctl_arg_text(r->args, "name");
	struct image *image = NULL;
	int fd = control_client_take_fd(r->client, err);

	if (fd != -1 && sealed_check(fd, IMAGE_MAX_FILE, err))
		image = image_load_fd(fd, name, digest, err);
	else
		error_prefix(err, "image %s", name);
	if (fd != -1)
		close(fd);
	if (image == NULL || is_as_told(r->args, image, err))
		return image;
	image_unref(image);
	return NULL;
}

static const struct image_report *
telling(const struct image *image)
{
	return report_image_telling(
	    image_report(image), image_upgrade_report(image));
}

/* Refuse an image that is good for nothing. */
static void
refuse_image(const struct request *r, const struct image *image)
{
	const char *name = ctl_arg_text(r->args, "name");
	const struct image_report *report = telling(image);
	enum reason reason = report->reason;
	struct error err;

	error_set(&err, EACCES, "%s: refused: %s: %s (%s)", name,
	    reason_token(reason), reason_sentence(reason), report->text);
	control_fail_with(r->client, &err,
	    json_pack("{s:s, s:s, s:o}", "reason", reason_token(reason),
		"advice", reason_advice(reason), "image",
		describe(r->commands, image, name)));
}

static void
answer_image(const struct request *r, const struct image *image, bool changed)
{
	json_t *what =
	    describe(r->commands, image, ctl_arg_text(r->args, "name"));

	control_done(r->client,
	    json_pack("{s:b, s:o}", "changed", (int)changed, "image", what));
}

/*
 * Return true if the place of the image is free, or what is there may be
 * replaced; NULL: there is a file that cannot be read.
 */
static bool
may_take_place(const struct request *r, const struct image *there,
    const char *unread, struct error *err)
{
	const char *name = ctl_arg_text(r->args, "name");
	const char *sha256 = there != NULL ? image_sha256(there) : NULL;
	const struct commands_parts *parts = &r->commands->parts;
	char *busy =
	    image_use_why_busy(parts->setup, parts->registry, name, sha256);
	char label[IMAGE_LABEL_SIZE];

	if (busy != NULL)
		error_set(err, EBUSY,
		    "%s is needed as it is: %s. Wait until that has ended, or "
		    "put the new image under another name",
		    name, busy);
	else if (ctl_arg_flag(r->args, "replace"))
		return true;
	else if (there == NULL)
		error_set(
		    err, EEXIST, "%s is there already (%s)", name, unread);
	else
		error_set(err, EEXIST,
		    "%s is there already, and is another image (%s, %zu bytes, "
		    "sha256 %.16s...)",
		    name, image_label(telling(there), label), image_size(there),
		    image_sha256(there));
	free(busy);
	return false;
}

static void
put_image(const struct request *r, const struct image *image, bool may_replace)
{
	const struct images_folder_file file = {
		.name = ctl_arg_text(r->args, "name"),
		.data = image_data(image),
		.size = image_size(image),
		.may_replace = may_replace,
	};
	char label[IMAGE_LABEL_SIZE];
	struct error err;

	if (!images_folder_put(folder_of(r->commands), &file, &err)) {
		fail_folder(r, &err);
		return;
	}
	log_info("image %s: %s by %s: %s, %zu bytes, sha256 %s", file.name,
	    may_replace ? "replaced" : "added", r->who,
	    image_label(telling(image), label), file.size, image_sha256(image));
	answer_image(r, image, true);
	scheduler_consider_soon(r->commands->parts.scheduler);
}

/* Put a good image in its place, unless it must not be there. */
static void
place_image(const struct request *r, const struct image *image)
{
	const char *name = ctl_arg_text(r->args, "name");
	struct error err, unread;
	struct image *there =
	    image_cache_look(r->commands->parts.images, name, &unread);
	bool is_free = there == NULL && unread.code == ENOENT;

	if (there != NULL &&
	    strcmp(image_sha256(there), image_sha256(image)) == 0)
		answer_image(r, image, false);
	else if (is_free || may_take_place(r, there, unread.text, &err))
		put_image(r, image, !is_free);
	else
		control_fail(r->client, &err);
	image_unref(there);
}

void
command_image_add(const struct request *r)
{
	struct image *image = NULL;
	struct error err;

	if (!image_use_may_write(r->commands->parts.setup, &err)) {
		control_fail(r->client, &err);
		return;
	}
	if (image_file_check(ctl_arg_text(r->args, "name"), &err))
		image = receive_image(r, &err);
	if (image == NULL) {
		if (err.code != EAGAIN)
			err.code = EINVAL;
		control_fail(r->client, &err);
	} else if (report_image_use(image_report(image),
		       image_upgrade_report(image)) == NULL)
		refuse_image(r, image);
	else
		place_image(r, image);
	image_unref(image);
}
