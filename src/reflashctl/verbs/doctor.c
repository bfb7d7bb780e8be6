/* SPDX-License-Identifier: ISC */
/*
 * The verb doctor: looks at everything that can be in the way, and says how to
 * correct it.  It works without the daemon.
 */
#include "config.h"

#include "reflashctl/doctor/checks.h"
#include "reflashctl/out/json_out.h"
#include "reflashctl/verb.h"

int
verb_doctor(struct ctl *ctl, int argc, char **argv)
{
	static check_fn *const checks[] = { check_clock, check_files,
		check_images, check_disk, check_group, check_unit, check_ports,
		check_interfaces, check_firewall, check_multicast, check_avahi,
		check_daemon };
	struct installation *installation = installation_open(ctl, ctl->config);
	struct findings findings = { 0 };
	int rc;

	(void)argc;
	(void)argv;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](installation, &findings);
	if (ctl->json)
		json_out_print("doctor", findings_json(&findings));
	else
		findings_print(&findings);
	rc = findings_number(&findings, VERDICT_FAILURE) > 0 ? CTL_EXIT_FAILED
							     : CTL_EXIT_DONE;
	findings_fini(&findings);
	installation_close(installation);
	return rc;
}
