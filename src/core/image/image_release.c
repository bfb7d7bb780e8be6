/* SPDX-License-Identifier: ISC */
/* The tables of the releases of Tasmota that can be recognised. */
#include "config.h"

#include <string.h>

#include "core/image/image_release.h"

/* clang-format off */
/* The day on which a release was built, __DATE__ in the file. */
static const struct {
	const char *date, *version;
} releases[] = {
	{ "Oct 26 2019", "6.7.1" },
	{ "Nov 29 2019", "7.1.0" },
	{ "Dec  1 2019", "7.1.1" },
	{ "Dec  6 2019", "7.1.2" },
	{ "Dec 21 2019", "7.2.0" },
	{ "Dec 22 2019", "7.2.0" },
	{ "Dec 25 2019", "8.1.0" },
	{ "Mar 20 2020", "8.2.0" },
	{ "May 13 2020", "8.3.0" },
	{ "May 14 2020", "8.3.0" },
	{ "May 18 2020", "8.3.1" },
	{ "Jul 29 2020", "8.4.0" },
	{ "Sep  7 2020", "8.5.0" },
	{ "Sep  9 2020", "8.5.0" },
	{ "Jun 17 2021", "9.5.0" },
	{ "Oct 17 2022", "12.2.0" },
	{ "Jun  3 2024", "14.1.0" },
	{ "Aug 14 2024", "14.2.0" },
	{ "Apr 16 2025", "14.6.0" },
};

static const struct {
	const char *sha256, *version, *variant;
} known[] = {
	{ "bde52065ba4af5fc16c170321364d056d06961382f739d5d26a32a850b81ecf1",
	  "8.2.0", "lite" },
	{ "aa413f499233901f74502558561a1304e2a3d7ab72259740b377f52775adbb5d",
	  "8.1.0", "lite" },
	{ "c4e2f339c2e869c9886506c4d6d2172eb894bb9d3bdd0c94a904a12e52b92b6d",
	  "8.3.0", "lite" },
	{ "7351bd4342b112326472750ad94c9551a16db313715dfc244e078f63d6d14195",
	  "8.3.1", "lite" },
	{ "a6ae8f0e9dd6529989efa8a01e1a88d6bef90af2966b263d79527229128e2258",
	  "8.4.0", "lite" },
	{ "c4c8347666c4fd1e412a11338fe4a599f8010d5eaa5418bacb43bbc3b5149dbd",
	  "8.5.0", "lite" },
	{ "5c1aecd2a19a49ae1bec0c863f69b83ef40812145c8392eebe5fd2677a6250cc",
	  "9.5.0", "lite" },
	{ "ede419fed9bb3d67c61b94d103662c3913618e66c0e5368f6d32779b01c505f5",
	  "12.2.0", "lite" },
	{ "966d370945dd28714686e87e1f922578aca792bcceffefac4d49dccfcedf126e",
	  "14.1.0", "lite" },
	{ "c7da76b8beb418b8b5b20fd55fdca896e07849b0e4fa492160ee88d21d3c538e",
	  "14.2.0", "lite" },
	{ "bb25a48006d8471a04f9594ef914222fa6ca0009cc1ec76500673db457d02154",
	  "14.6.0", "lite" },
};
/* clang-format on */

const char *
image_release_by_date(const void *data, size_t size)
{
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++)
		if (memmem(data, size, releases[i].date,
			strlen(releases[i].date)) != NULL)
			return releases[i].version;
	return NULL;
}

const char *
image_release_by_sha256(const char *sha256, const char **variant)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].sha256, sha256) == 0) {
			*variant = known[i].variant;
			return known[i].version;
		}
	return NULL;
}
