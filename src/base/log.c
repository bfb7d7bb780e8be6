/* SPDX-License-Identifier: ISC */
/*
 * Writes log lines to the journal, a terminal, a file or syslog, whichever the
 * program was started with.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#ifdef HAVE_SYSTEMD
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>
#endif

#include "base/log.h"

#define MAX_TOPICS 16
#define MAX_LINE   1024
#define MAX_FIELDS 16
#define TIME_SIZE  16

static struct {
	const char *name;
	bool to_journal;
	bool to_syslog;
	bool to_stderr;
	bool with_priority; /* <N> in front: stderr is the journal's */
	bool with_time;	    /* in front: stderr is a terminal */
	const char *topics[MAX_TOPICS];
	size_t topic_count;
} out = { .name = "reflashd", .to_stderr = true };

/*
 * Return true if stderr leads to the journal: systemd puts its device and inode
 * into JOURNAL_STREAM.
 */
static bool
stderr_is_journal(const struct stat *st)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long dev, ino;

	return stream != NULL && sscanf(stream, "%lu:%lu", &dev, &ino) == 2 &&
	    dev == (unsigned long)st->st_dev &&
	    ino == (unsigned long)st->st_ino;
}

#ifdef HAVE_SYSTEMD

/* Return true if journald listens: libsystemd drops lines silently. */
static bool
journal_takes_fields(void)
{
	return access("/run/systemd/journal/socket", W_OK) == 0;
}

/*
 * Send a line with its fields to the journal.  A value may have any bytes, as
 * libsystemd sends its length where needed.
 */
static bool
send_journal(int priority, const struct log_field *fields, size_t count,
    const char *line)
{
	char text[MAX_FIELDS + 3][MAX_LINE + 64];
	struct iovec iov[MAX_FIELDS + 3];
	int n = 0;

	snprintf(text[n++], sizeof(text[0]), "PRIORITY=%d", priority);
	snprintf(text[n++], sizeof(text[0]), "MESSAGE=%s", line);
	snprintf(text[n++], sizeof(text[0]), "SYSLOG_IDENTIFIER=%s", out.name);
	for (size_t i = 0; i < count && i < MAX_FIELDS; i++)
		if (fields[i].value != NULL && fields[i].value[0] != '\0')
			snprintf(text[n++], sizeof(text[0]), "%s=%s",
			    fields[i].name, fields[i].value);
	for (int i = 0; i < n; i++)
		iov[i] = (struct iovec){ text[i], strlen(text[i]) };
	return sd_journal_sendv(iov, n) == 0;
}

#else

static bool
journal_takes_fields(void)
{
	return false;
}

static bool
send_journal(int priority, const struct log_field *fields, size_t count,
    const char *line)
{
	(void)priority;
	(void)fields;
	(void)count;
	(void)line;
	return false;
}

#endif

void
log_open(const char *name)
{
	struct stat st;
	bool usable = fstat(STDERR_FILENO, &st) == 0;

	out.name = name;
	out.to_journal = out.to_syslog = out.with_priority = false;
	out.with_time = usable && isatty(STDERR_FILENO);
	if (out.with_time)
		tzset(); /* reads a file, which a sandbox may forbid later */
	if (usable && stderr_is_journal(&st)) {
		out.with_priority = true;
		out.to_journal = journal_takes_fields();
		out.to_stderr = !out.to_journal;
		return;
	}
	out.to_stderr = usable &&
	    (isatty(STDERR_FILENO) || S_ISREG(st.st_mode) ||
		S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
	out.to_syslog = !usable || !isatty(STDERR_FILENO);
	if (out.to_syslog)
		openlog(name, LOG_PID, LOG_DAEMON);
}

void
log_close(void)
{
	if (out.to_syslog)
		closelog();
}

void
log_debug_topic(const char *topic)
{
	if (out.topic_count < MAX_TOPICS)
		out.topics[out.topic_count++] = topic;
}

static bool
is_wanted(const char *topic)
{
	for (size_t i = 0; i < out.topic_count; i++)
		if (strcmp(out.topics[i], topic) == 0 ||
		    strcmp(out.topics[i], "all") == 0)
			return true;
	return false;
}

/* Write the time of day and a blank: what writes to a terminal has no date. */
static void
write_clock(char dst[TIME_SIZE])
{
	time_t now = time(NULL);
	struct tm local;

	dst[0] = '\0';
	if (localtime_r(&now, &local) != NULL)
		(void)strftime(dst, TIME_SIZE, "%H:%M:%S ", &local);
}

/*
 * Write a line at once, so that lines of processes do not mix.  On a terminal
 * there is the time in the place of the program's name.
 */
static void
write_stderr(int priority, const char *line)
{
	char text[MAX_LINE + 64], clock[TIME_SIZE];
	int n;

	if (out.with_priority)
		n = snprintf(text, sizeof(text), "<%d>%s\n", priority, line);
	else if (out.with_time) {
		write_clock(clock);
		n = snprintf(text, sizeof(text), "%s%s\n", clock, line);
	} else
		n = snprintf(text, sizeof(text), "%s: %s\n", out.name, line);
	if (n > 0 && write(STDERR_FILENO, text, (size_t)n) == -1)
		out.to_stderr =
		    false; /* stderr is not read: do not try again */
}

__attribute__((format(printf, 4, 0))) static void
emit(int priority, const struct log_field *fields, size_t count,
    const char *fmt, va_list ap)
{
	char line[MAX_LINE];

	vsnprintf(line, sizeof(line), fmt, ap);
	if (out.to_journal && !send_journal(priority, fields, count, line))
		write_stderr(priority, line);
	if (out.to_stderr)
		write_stderr(priority, line);
	if (out.to_syslog)
		syslog(priority, "%s", line);
}

#define EMIT(priority, fields, count)                                          \
	do {                                                                   \
		va_list ap;                                                    \
		va_start(ap, fmt);                                             \
		emit(priority, fields, count, fmt, ap);                        \
		va_end(ap);                                                    \
	} while (0)

void
log_err(const char *fmt, ...)
{
	EMIT(LOG_ERR, NULL, 0);
}

void
log_warning(const char *fmt, ...)
{
	EMIT(LOG_WARNING, NULL, 0);
}

void
log_info(const char *fmt, ...)
{
	EMIT(LOG_INFO, NULL, 0);
}

void
log_fields(int priority, const struct log_field *fields, size_t count,
    const char *fmt, ...)
{
	EMIT(priority, fields, count);
}

void
log_debug(const char *topic, const char *fmt, ...)
{
	if (is_wanted(topic))
		EMIT(LOG_DEBUG, NULL, 0);
}
