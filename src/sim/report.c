/* SPDX-License-Identifier: ISC */
/* Reports what the devices saw, as JSON for tests and a table for people. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/memory.h"
#include "sim/booted.h"
#include "sim/device.h"
#include "sim/report.h"
#include "sim/sim.h"

#define FAULT_TEXT 512

static json_t *
json_breaches(const struct device *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->breaches.count; i++)
		json_array_append_new(list, json_string(d->breaches.text[i]));
	return list;
}

static char *
mac_text(const struct device *d, char text[18])
{
	const unsigned char *m = d->port.mac;

	snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2],
	    m[3], m[4], m[5]);
	return text;
}

static json_t *
json_what(const struct device *d)
{
	char fault[FAULT_TEXT], mac[18];

	return json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:b}", "id",
	    d->spec.id, "address", inet_ntoa(d->told_address), "port",
	    (int)d->spec.port, "mac", mac_text(d, mac), "firmware",
	    d->spec.firmware, "fault",
	    fault_text(&d->spec.faults, fault, sizeof(fault)), "state",
	    device_state_name(d), "unlocked", d->unlocked);
}

static json_t *
json_number(bool known, uint64_t value)
{
	return known ? json_integer((json_int_t)value) : json_null();
}

static json_t *
json_outcome(const struct device_tally *t)
{
	const char *booted = t->booted[0] != '\0' ? t->booted : NULL;

	return json_pack("{s:i, s:s?, s:o, s:o, s:o, s:o}", "boots",
	    (int)t->boots, "booted_sha256", booted, "verdict",
	    json_number(t->verdict >= 0, (uint64_t)t->verdict),
	    "verdict_status",
	    json_number(t->verdict_status != 0, (uint64_t)t->verdict_status),
	    "told_at_ms", json_number(t->told_at != 0, t->told_at),
	    "booted_at_ms", json_number(t->booted_at != 0, t->booted_at));
}

static json_t *
json_seen(const struct device *d)
{
	const struct device_tally *t = &d->tally;

	return json_pack("{s:{s:i, s:i, s:i, s:i}, s:i, s:i, s:I, s:i, s:i, "
			 "s:i, s:o}",
	    "requests", "info", (int)t->info, "ota_unlock", (int)t->unlock,
	    "ota_flash", (int)t->flash, "other", (int)t->other, "flash_told",
	    (int)t->told, "ranges", (int)t->ranges, "bytes",
	    (json_int_t)t->bytes, "losses", (int)t->losses, "unanswered",
	    (int)t->unanswered, "refused", (int)t->refused, "breaches",
	    json_breaches(d));
}

static json_t *
json_all(const struct sim *sim)
{
	json_t *devices = json_array();

	for (size_t i = 0; i < sim->count; i++) {
		json_t *one = json_what(sim->devices[i]);

		json_object_update_new(one, json_seen(sim->devices[i]));
		json_object_update_new(
		    one, json_outcome(&sim->devices[i]->tally));
		booted_report(sim->devices[i]->after, one);
		json_array_append_new(devices, one);
	}
	return json_pack("{s:i, s:s, s:I, s:i, s:i, s:o}", "format", 1, "lan",
	    sim->lan.loopback ? "loopback" : "namespace", "now_ms",
	    (json_int_t)sim_clock(sim), "breaches",
	    (int)report_count_breaches(sim), "max_flashing",
	    (int)sim->max_flashing, "devices", devices);
}

size_t
report_count_breaches(const struct sim *sim)
{
	size_t count = 0;

	for (size_t i = 0; i < sim->count; i++)
		count += sim->devices[i]->breaches.count;
	return count;
}

bool
report_write(const struct sim *sim, const char *path, struct error *err)
{
	char *temporary = xasprintf("%s.new", path);
	json_t *root = json_all(sim);
	bool ok = json_dump_file(root, temporary, JSON_INDENT(1)) == 0 &&
	    rename(temporary, path) == 0;

	if (!ok)
		error_errno(err, errno, "%s", path);
	json_decref(root);
	free(temporary);
	return ok;
}

static void
print_device(const struct device *d, FILE *out)
{
	const struct device_tally *t = &d->tally;
	char fault[FAULT_TEXT], verdict[16] = "-";

	if (t->verdict >= 0)
		snprintf(verdict, sizeof(verdict), "%d", t->verdict);
	fprintf(out, "%-10s  %-14s %-5s %-9s %6u %5u %6u %7s  %.8s", d->spec.id,
	    inet_ntoa(d->told_address), d->spec.firmware, device_state_name(d),
	    t->unlock, t->flash, t->ranges, verdict,
	    t->booted[0] != '\0' ? t->booted : "-");
	fault_text(&d->spec.faults, fault, sizeof(fault));
	fprintf(out, "%s%s\n", fault[0] != '\0' ? "  " : "", fault);
	for (size_t i = 0; i < d->breaches.count; i++)
		fprintf(out, "    breach: %s\n", d->breaches.text[i]);
}

/* No line of it is longer than a terminal of 80 columns is wide. */
void
report_print(const struct sim *sim, FILE *out)
{
	size_t breaches = report_count_breaches(sim);

	fprintf(out,
	    "\nWhat the devices saw:\n%-10s  %-14s %-5s %-9s %6s %5s %6s %7s  "
	    "%s\n",
	    "device", "address", "stock", "state", "unlock", "flash", "ranges",
	    "verdict", "boots");
	for (size_t i = 0; i < sim->count; i++)
		print_device(sim->devices[i], out);
	if (breaches == 0)
		fprintf(out, "No device saw a breach of protocol.\n");
	else
		fprintf(out, "Breaches of protocol: %zu.\n", breaches);
	fflush(out);
}

bool
report_write_conf(const struct sim *sim, const char *path, struct error *err)
{
	FILE *f = fopen(path, "we");

	if (f == NULL)
		return error_errno(err, errno, "%s", path);
	fprintf(f, "# the devices of reflash-sim\n[Discovery]\n");
	if (sim->lan.loopback)
		fprintf(f, "Backend=none\nAllowNetworks=127.0.0.0/8\n");
	for (size_t i = 0; i < sim->count; i++) {
		const struct device *d = sim->devices[i];

		fprintf(f, "Device=%s", inet_ntoa(d->told_address));
		if (d->spec.port != 8081)
			fprintf(f, ":%u", d->spec.port);
		fprintf(f, " %s\n", d->spec.id);
	}
	if (fclose(f) != 0)
		return error_errno(err, errno, "%s", path);
	return true;
}
