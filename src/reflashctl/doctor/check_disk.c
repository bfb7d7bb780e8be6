/* SPDX-License-Identifier: ISC */
/* Looks whether there is room for the state of the daemon and for images. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/memory.h"
#include "reflashctl/doctor/checks.h"
#include "reflashctl/doctor/run_program.h"

#define CHECK	  "disk"
#define MIB	  (UINT64_C(1) << 20)
#define LEAST_MIB 2  /* for the records, and a copy of an image */
#define FEW_MIB	  32 /* soon too little */

/* Look at the file system of the path, or of the folder above it. */
static bool
look(const char *path, struct statvfs *st)
{
	char *part = xstrdup(path), *slash;
	bool ok;

	while (!(ok = statvfs(part, st) == 0) &&
	    (slash = strrchr(part, '/')) != NULL && slash != part)
		*slash = '\0';
	free(part);
	return ok;
}

static void
add_command(const struct installation *installation, struct finding *finding)
{
	char *apt = run_program_find("apt-get");
	const char *sudo = installation->sudo;

	finding_cure(finding,
	    "Make room there. Downloaded packages and old journals are not "
	    "needed:");
	if (apt != NULL && installation->has_systemd)
		finding_command(finding,
		    "%sapt-get clean && %sjournalctl --vacuum-size=100M", sudo,
		    sudo);
	else if (apt != NULL)
		finding_command(finding, "%sapt-get clean", sudo);
	else if (installation->has_systemd)
		finding_command(
		    finding, "%sjournalctl --vacuum-size=100M", sudo);
	free(apt);
}

void
check_disk(const struct installation *installation, struct findings *findings)
{
	const char *path = installation->config->state_directory;
	struct finding *finding;
	struct statvfs st;
	uint64_t room;

	if (!look(path, &st)) {
		findings_add(findings, CHECK, VERDICT_WARNING,
		    "it cannot be seen how much room %s has", path);
		return;
	}
	room = (uint64_t)st.f_bavail * st.f_frsize / MIB;
	if ((st.f_flag & ST_RDONLY) != 0) {
		finding = findings_add(findings, CHECK, VERDICT_FAILURE,
		    "the disk of %s is read-only", path);
		finding_cure(finding,
		    "A disk becomes read-only when it is broken; dmesg says "
		    "more. Where it is not:");
		finding_command(finding,
		    "%smount -o remount,rw \"$(findmnt -n -o TARGET -T %s)\"",
		    installation->sudo, path);
	} else if (room < LEAST_MIB || (st.f_files > 0 && st.f_favail < 8)) {
		finding = findings_add(findings, CHECK, VERDICT_FAILURE,
		    "the disk of %s is full: there is room for %llu MiB and "
		    "%llu files",
		    path, (unsigned long long)room,
		    (unsigned long long)st.f_favail);
		add_command(installation, finding);
	} else if (room < FEW_MIB) {
		finding = findings_add(findings, CHECK, VERDICT_WARNING,
		    "the disk of %s is almost full: %llu MiB are free", path,
		    (unsigned long long)room);
		add_command(installation, finding);
	} else {
		findings_add(findings, CHECK, VERDICT_OK,
		    "%s has room: %llu MiB are free", path,
		    (unsigned long long)room);
	}
}
