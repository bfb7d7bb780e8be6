/* SPDX-License-Identifier: ISC */
/* Describes a firmware file as JSON, for reflashctl and its users. */
#include "config.h"

#include <string.h>

#include "core/control/report_image.h"
#include "core/device/device_json.h"
#include "core/image/image_after.h"
#include "core/image/image_label.h"

#define ONLY_UPGRADE                                                           \
	"It is no first image. It can be the second step of a policy: "        \
	"Upgrade= below [Finish]"

const char *
report_image_use(
    const struct image_report *first, const struct image_report *upgrade)
{
	if (first->verdict != IMAGE_REFUSE)
		return "first";
	return upgrade->verdict != IMAGE_REFUSE ? "upgrade" : NULL;
}

const struct image_report *
report_image_telling(
    const struct image_report *first, const struct image_report *upgrade)
{
	return first->verdict == IMAGE_REFUSE &&
		(upgrade->packed || upgrade->verdict != IMAGE_REFUSE)
	    ? upgrade
	    : first;
}

/* List what is odd about an image, and what follows it as the first one. */
static json_t *
notes_of(const struct image_report *report, const struct image_report *first)
{
	json_t *notes = json_array();

	for (size_t i = 0; i < report->note_count; i++)
		json_array_append_new(
		    notes, device_json_string(report->notes[i]));
	if (image_after(first) != NULL)
		json_array_append_new(notes, json_string(image_after(first)));
	return notes;
}

/* Describe a file that could not be read. */
static json_t *
unread(const struct report_image *image, json_t *policies)
{
	return json_pack("{s:o, s:s, s:n, s:n, s:n, s:I, s:n, s:s, s:s, s:n,"
			 " s:s, s:o, s:s, s:[], s:o}",
	    "name", device_json_string(image->name), "kind",
	    image_kind_name(IMAGE_UNKNOWN), "version", "variant", "label",
	    "size", (json_int_t)image->size, "sha256", "verdict",
	    image_verdict_name(IMAGE_REFUSE), "upgrade",
	    image_verdict_name(IMAGE_REFUSE), "use", "reason",
	    reason_token(image->reason), "detail",
	    device_json_text(image->text), "advice",
	    reason_advice(image->reason), "notes", "policies", policies);
}

json_t *
report_image(const struct report_image *image, json_t *policies)
{
	const struct image_report *is, *why;
	const char *use;
	char label[IMAGE_LABEL_SIZE];

	if (image->sha256 == NULL)
		return unread(image, policies);
	is = report_image_telling(image->first, image->upgrade);
	use = report_image_use(image->first, image->upgrade);
	/* A .gz is judged by its content. */
	why = use == NULL ? is : image->first;
	return json_pack("{s:o, s:s, s:o, s:o, s:s, s:I, s:s, s:s, s:s, s:o,"
			 " s:o, s:o, s:o, s:o, s:o}",
	    "name", device_json_string(image->name), "kind",
	    image_kind_name(is->kind), "version", device_json_text(is->version),
	    "variant", device_json_text(is->variant), "label",
	    image_label(is, label), "size", (json_int_t)image->size, "sha256",
	    image->sha256, "verdict", image_verdict_name(image->first->verdict),
	    "upgrade", image_verdict_name(image->upgrade->verdict), "use",
	    device_json_text(use), "reason",
	    device_json_text(reason_token(why->reason)), "detail",
	    device_json_text(why->text), "advice",
	    device_json_text(use == NULL || strcmp(use, "first") == 0
		    ? reason_advice(why->reason)
		    : ONLY_UPGRADE),
	    "notes", notes_of(is, image->first), "policies", policies);
}
