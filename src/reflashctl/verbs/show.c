/* SPDX-License-Identifier: ISC */
/* The verb show, and the last lines of wait: all about one device. */
#include "config.h"

#include <stdio.h>

#include "reflashctl/link/request.h"
#include "reflashctl/out/device_details.h"
#include "reflashctl/out/field.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/verb.h"
#include "reflashctl/verbs/show.h"

void
show_device(json_t *device, bool json)
{
	if (json)
		json_out_print(
		    "device", json_out_object(JSON_OUT_DEVICE, device));
	else
		device_details(stdout, field_columns(), device);
}

int
verb_show(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer;
	int rc = request_device(ctl, CTL_SHOW, argv[0], NULL, &answer);

	(void)argc;
	if (rc == CTL_EXIT_DONE)
		show_device(json_object_get(answer.reply, "device"), ctl->json);
	answer_fini(&answer);
	return rc;
}
