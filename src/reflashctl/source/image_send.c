/* SPDX-License-Identifier: ISC */
/* Sends an image over the control socket, as a descriptor. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "core/image/image_file.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/device_text.h"
#include "reflashctl/out/image_text.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/source/image_send.h"

/* Print an error, and how to go on where another image has the name. */
static int
fail(
    const struct ctl *ctl, const struct error *err, const struct answer *answer)
{
	int rc = request_fail(ctl, err, answer);

	if (err->code == EEXIST)
		complain("  To put the new image in its place, add: --replace; "
			 "to keep both, add: --as NAME");
	return rc;
}

/* Say how to go on with a new image that no policy uses. */
static void
tell_next(const json_t *image)
{
	const char *use = device_text(image, "use");

	if (term_columns() > 0 && use != NULL && strcmp(use, "first") == 0 &&
	    json_array_size(json_object_get(image, "policies")) == 0)
		term_say("Next: reflashctl propose writes a policy that uses "
			 "it.");
}

/* Print an image that is there now. */
static void
print(const struct ctl *ctl, const char *verb, json_t *image, bool is_new)
{
	if (ctl->json) {
		json_out_print_object(
		    json_pack("{s:s, s:b, s:o}", "verb", verb, "changed",
			(int)is_new, "image",
			json_out_object(JSON_OUT_IMAGE, image)),
		    JSON_INDENT(2));
		return;
	}
	image_text_print(image,
	    is_new ? "added" : "is there already, with these very bytes");
	tell_next(image);
}

int
image_send(struct ctl *ctl, const char *verb, const struct image_bytes *bytes,
    const char *name)
{
	struct answer answer;
	struct error err;
	int rc = CTL_EXIT_DONE;
	json_t *args;

	if (!image_file_check(name, &err)) {
		complain("%s; give it another with: --as NAME", err.text);
		return CTL_EXIT_ERROR;
	}
	args = json_pack("{s:s, s:s, s:I}", "name", name, "sha256",
	    bytes->sha256, "size", (json_int_t)bytes->size);
	if (ctl->replace)
		json_object_set_new(args, "replace", json_true());
	if (ctl->who != NULL)
		json_object_set_new(args, "who", json_string(ctl->who));
	if (!request_send_with(
		ctl, CTL_IMAGE_ADD, args, bytes->fd, &answer, &err))
		rc = fail(ctl, &err, &answer);
	else
		print(ctl, verb, json_object_get(answer.reply, "image"),
		    json_is_true(json_object_get(answer.reply, "changed")));
	answer_fini(&answer);
	return rc;
}

bool
image_send_is_done(struct ctl *ctl, const char *verb, const char *name,
    const char *sha256, int *rc)
{
	struct answer answer;
	struct error ignored;
	json_t *image;
	bool is_done;
	size_t i;
	int asked;

	if (!image_file_check(name, &ignored))
		return false;
	asked = request_ask(
	    ctl, CTL_IMAGES, json_pack("{s:s}", "name", name), &answer);
	is_done = asked != CTL_EXIT_DONE;
	if (!is_done)
		json_array_foreach (answer.items, i, image) {
			const char *other = device_text(image, "name");
			const char *sum = device_text(image, "sha256");

			if (other == NULL || strcmp(other, name) != 0 ||
			    sum == NULL || strcasecmp(sum, sha256) != 0)
				continue;
			print(ctl, verb, image, false);
			is_done = true;
		}
	answer_fini(&answer);
	if (is_done)
		*rc = asked;
	return is_done;
}
