/* SPDX-License-Identifier: ISC */
/*
 * conf_files -- the configuration of the daemon, as far as this user may read
 * it.  The daemon reports mistakes in it; here they are passed over.
 */
#ifndef REFLASHD_CONF_FILES_H
#define REFLASHD_CONF_FILES_H

#include "core/config/configuration.h"

#define CONF_FILES_STANDARD SYSCONFDIR "/reflashd/reflashd.conf"

/* The function that takes the text of a file, borrowed for the call. */
typedef void
conf_files_fn(const char *text, size_t len, const char *file, void *ctx);

/*
 * Give the text of that file, and of each *.conf in the folder of its name with
 * ".d", to take(); what this user may not read is passed over.
 */
void conf_files_each(const char *file, conf_files_fn *take, void *ctx);

/* Read that file, and the *.conf in the folder of its name with ".d". */
struct config *conf_files_read(const char *file);

#endif
