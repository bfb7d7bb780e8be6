/* SPDX-License-Identifier: ISC */
/*
 * serve_file -- the file server on its own, for the tests that talk to it.
 *
 *	serve_file [-a DEVICE] [-c MAX] [-d MAX] [-f FD] [-n NAME] [-o]
 *	    [-p PORT] [-r SEC] [-R SEC] [-w] FILE
 *	serve_file -t
 *
 * Prints the URL, then one line per event.  -a: the job's device (127.0.0.1),
 * -c: connections in all, -d: connections per address, -o: anyone may fetch,
 * -e: where it may turn up, -f: an inherited socket, -r: to a complete request,
 * -R: for a reply, -w: an earlier job has the same address, and its device is
 *known to be elsewhere.  Each line of the standard input is an address at which
 *the device may turn up from then on; the end of the input ends the program.
 * -t: print the table of ranges instead.
 */
#include "config.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/evlog.h"
#include "io/http/server.h"

#include "unit/range_table.h"

static const char *
text_of(struct in_addr address)
{
	static char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &address, text, sizeof(text));
	return text;
}

static void
on_fetch_started(void *job, struct in_addr from)
{
	printf("started %s %s\n", (const char *)job, text_of(from));
}

static void
on_served(void *job, uint64_t first, uint64_t len, struct in_addr from)
{
	printf("served %s %" PRIu64 "+%" PRIu64 " %s\n", (const char *)job,
	    first, len, text_of(from));
}

static void
on_verdict(void *job, int code, struct in_addr from)
{
	printf("verdict %s %d %s\n", (const char *)job, code, text_of(from));
}

static void
on_stray(void *ctx, enum server_stray what, struct in_addr from)
{
	static const char *const names[] = {
		[SERVER_STRAY_PATH] = "path",
		[SERVER_STRAY_ADDRESS] = "address",
		[SERVER_STRAY_VERDICT] = "verdict",
		[SERVER_STRAY_BAD_VERDICT] = "bad-verdict",
		[SERVER_STRAY_REFUSED] = "refused",
	};

	(void)ctx;
	printf("stray %s %s\n", names[what], text_of(from));
}

static const struct server_ops ops = { .stray = on_stray };
static const struct server_job_ops job_ops = {
	.fetch_started = on_fetch_started,
	.served = on_served,
	.verdict = on_verdict,
};

static bool
is_elsewhere(void *job, struct in_addr from)
{
	(void)job;
	(void)from;
	return true;
}

static const struct server_job_ops ops_of_another = {
	.verdict = on_verdict,
	.is_elsewhere = is_elsewhere,
};

static char *
read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *data;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
		perror(path);
		exit(1);
	}
	*size = (size_t)ftell(file);
	rewind(file);
	data = xcalloc(*size + 1, 1);
	if (fread(data, 1, *size, file) != *size)
		exit(1);
	fclose(file);
	return data;
}

static void
digest(const EVP_MD *kind, const void *data, size_t size, char hex[65])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (EVP_Digest(data, size, md, &len, kind, NULL) != 1)
		exit(1);
	text_hex(hex, md, len);
}

struct input {
	struct event_base *base;
	struct server_job *job;
	char line[INET_ADDRSTRLEN + 1];
	size_t len;
};

static void
take_byte(struct input *input, char byte)
{
	struct in_addr address;

	if (byte != '\n' && input->len < sizeof(input->line) - 1) {
		input->line[input->len++] = byte;
		return;
	}
	input->line[input->len] = '\0';
	input->len = 0;
	address.s_addr = inet_addr(input->line);
	server_job_expect(input->job, address);
	printf("expects %s\n", text_of(address));
}

static void
on_stdin(evutil_socket_t fd, short what, void *arg)
{
	struct input *input = arg;
	char byte;

	(void)what;
	if (read((int)fd, &byte, 1) <= 0)
		event_base_loopbreak(input->base);
	else
		take_byte(input, byte);
}

static struct server_job *
offer(struct server *server, const char *path, const char *name,
    struct in_addr device, const struct server_job_ops *what, void *tag)
{
	char sha256[65], md5[65];
	struct server_file file = { .name = name,
		.sha256 = sha256,
		.md5 = md5,
		.modified = 784111777,
		.release = free };
	char *data = read_file(path, &file.size);
	struct server_job *job;
	struct error err;

	file.data = file.owner = data;
	digest(EVP_sha256(), data, file.size, sha256);
	digest(EVP_md5(), data, file.size, md5);
	job = server_job_new(server, &file, device, NULL, what, tag, &err);
	if (job == NULL) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	return job;
}

static void
print_url(const struct server_job *job)
{
	struct in_addr here = { htonl(INADDR_LOOPBACK) };
	char url[100];

	server_job_url(job, here, url, sizeof(url));
	printf("%s\n", url);
}

/* Header, what we answer, what nginx answers, why: with bars between. */
static int
print_table(void)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		printf("%s|%s|%s|%s\n", ranges[i].header, ranges[i].want,
		    ranges[i].nginx != NULL ? ranges[i].nginx : ranges[i].want,
		    ranges[i].why != NULL ? ranges[i].why : "");
	return 0;
}

static void
serve(struct server *server, struct server_job *job, struct event_base *base)
{
	struct input input = { .base = base, .job = job };
	struct event *event =
	    event_new(base, 0, EV_READ | EV_PERSIST, on_stdin, &input);

	event_add(event, NULL);
	event_base_dispatch(base);
	event_free(event);
	server_free(server);
	event_base_free(base);
}

int
main(int argc, char **argv)
{
	int inherited = -1;
	struct server_config config = { .fds = &inherited,
		.listen.s_addr = htonl(INADDR_LOOPBACK),
		.check_source = true,
		.max_connections = 1024,
		.max_connections_per_address = 1024 };
	struct in_addr device = config.listen, expected = { 0 };
	static char tag[] = "job", tag_of_another[] = "another";
	const char *name = NULL;
	bool has_another = false;
	struct server_job *job;
	struct event_base *base;
	struct server *server;
	struct error err;

	for (int opt;
	    (opt = getopt(argc, argv, "a:c:d:e:f:n:op:r:R:tw")) != -1;) {
		if (opt == 'a')
			device.s_addr = inet_addr(optarg);
		else if (opt == 'c')
			config.max_connections = (unsigned)atoi(optarg);
		else if (opt == 'd')
			config.max_connections_per_address =
			    (unsigned)atoi(optarg);
		else if (opt == 'e')
			expected.s_addr = inet_addr(optarg);
		else if (opt == 'f')
			inherited = atoi(optarg), config.fd_count = 1;
		else if (opt == 'p')
			config.port = (uint16_t)atoi(optarg);
		else if (opt == 'n')
			name = optarg;
		else if (opt == 'o')
			config.check_source = false;
		else if (opt == 'r')
			config.request_sec = (unsigned)atoi(optarg);
		else if (opt == 'R')
			config.reply_sec = (unsigned)atoi(optarg);
		else if (opt == 't')
			return print_table();
		else if (opt == 'w')
			has_another = true;
		else
			return 64;
	}
	if (optind != argc - 1)
		return 64;
	log_open("serve_file");
	evlog_install();
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	base = event_base_new();
	server = server_new(base, &config, &ops, NULL, &err);
	if (server == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (has_another)
		offer(server, argv[optind], name, device, &ops_of_another,
		    tag_of_another);
	job = offer(server, argv[optind], name, device, &job_ops, tag);
	server_job_expect(job, expected);
	print_url(job);
	serve(server, job, base);
	return 0;
}
