/* SPDX-License-Identifier: ISC */
/* The verb metrics: the numbers of the daemon as a text for Prometheus. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/control/metrics.h"
#include "reflashctl/link/request.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/verb.h"

int
verb_metrics(struct ctl *ctl, int argc, char **argv)
{
	struct answer answer;
	int rc = request_ask(ctl, CTL_COUNTERS, NULL, &answer);
	char *text;

	(void)argc;
	(void)argv;
	if (rc == CTL_EXIT_DONE && ctl->json) {
		json_object_del(answer.reply, "ok");
		json_out_print_object(
		    json_out_object(JSON_OUT_METRICS, answer.reply),
		    JSON_INDENT(2));
	} else if (rc == CTL_EXIT_DONE) {
		text = metrics_text(answer.reply);
		fputs(text, stdout);
		free(text);
	}
	answer_fini(&answer);
	return rc;
}
