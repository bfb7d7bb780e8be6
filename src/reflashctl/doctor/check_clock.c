/* SPDX-License-Identifier: ISC */
/* Looks at the clock of this machine: is it set, and is it kept right? */
#include "config.h"

#include <stdlib.h>
#include <sys/timex.h>
#include <time.h>

#include "base/text.h"
#include "core/device/record.h"
#include "reflashctl/doctor/checks.h"
#include "reflashctl/doctor/run_program.h"

#define CHECK "clock"

/* Where there is no service that sets the clock: the time that a server says.
 */
#define FROM_SERVER                                                            \
	"date --set=\"$(curl -sI http://deb.debian.org | sed -n "              \
	"'s/^[Dd]ate: //p')\""

/* Add the command that sets the clock. */
static void
add_command(const struct installation *installation, struct finding *finding)
{
	char *timedatectl = run_program_find("timedatectl");
	char *chronyc = run_program_find("chronyc");
	char *curl = run_program_find("curl");

	if (installation->has_systemd && timedatectl != NULL)
		finding_command(
		    finding, "%stimedatectl set-ntp true", installation->sudo);
	else if (chronyc != NULL)
		finding_command(
		    finding, "%schronyc makestep", installation->sudo);
	else if (curl != NULL)
		finding_command(finding, "%s" FROM_SERVER, installation->sudo);
	free(timedatectl);
	free(chronyc);
	free(curl);
}

void
check_clock(const struct installation *installation, struct findings *findings)
{
	struct timex timex = { .modes = 0 };
	char text[TEXT_TIME_SIZE];
	time_t now = time(NULL);
	struct finding *finding;

	text_time(text, now);
	if (now < RECORD_CLOCK_SET) {
		finding = findings_add(findings, CHECK, VERDICT_FAILURE,
		    "the clock shows %s: it has never been set", text);
		finding_cure(finding,
		    "Set it, and keep it right from the Internet. Until then "
		    "no Window= of a policy opens:");
		add_command(installation, finding);
	} else if (adjtimex(&timex) == TIME_ERROR ||
	    (timex.status & STA_UNSYNC) != 0) {
		finding = findings_add(findings, CHECK, VERDICT_WARNING,
		    "the clock shows %s, but nothing keeps it right", text);
		finding_cure(finding,
		    "If it is wrong, so are the hours of Window= and the times "
		    "in the history. To set it from the Internet:");
		add_command(installation, finding);
	} else {
		findings_add(findings, CHECK, VERDICT_OK,
		    "it shows %s, and is kept right", text);
	}
}
