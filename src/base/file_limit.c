/* SPDX-License-Identifier: ISC */
/* Raises the soft limit of open files towards the hard one. */
#include "config.h"

#include <errno.h>
#include <stdint.h>

#include "base/file_limit.h"

bool
file_limit_raise(rlim_t least, rlim_t wanted, struct error *err)
{
	struct rlimit limit, old;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return error_errno(err, errno, "the limit of open files");
	old = limit;
	if (limit.rlim_cur < wanted)
		limit.rlim_cur =
		    limit.rlim_max < wanted ? limit.rlim_max : wanted;
	if (limit.rlim_cur != old.rlim_cur &&
	    setrlimit(RLIMIT_NOFILE, &limit) != 0)
		limit = old;
	if (limit.rlim_cur >= least)
		return true;
	return error_set(err, EMFILE,
	    "this program may open only %ju files at once, and needs %ju: "
	    "raise "
	    "the limit (ulimit -n 1024; for a service LimitNOFILE=1024), then "
	    "start it again",
	    (uintmax_t)limit.rlim_cur, (uintmax_t)least);
}
