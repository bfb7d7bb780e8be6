/* SPDX-License-Identifier: ISC */
/*
 * io/http/server for the world: devices fetch ranges of the images of its jobs,
 * and report how that ended.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/memory.h"
#include "io/http/server.h"
#include "tests/world/parts.h"
#include "tests/world/things.h"

struct server {
	const struct server_ops *ops;
	void *ctx;
	struct server_config config;
	struct server_job *jobs;
};

struct server_job {
	struct server *server;
	struct server_file file;
	char sha256[65];
	char name[SERVER_NAME_MAX + 1];
	char token[SERVER_TOKEN_LEN + 1];
	struct in_addr device, expected;
	bool has_begun, is_checked;
	bool at_end; /* its last byte was handed over */
	const struct server_job_ops *ops;
	void *ctx;
	struct server_job *prev, *next;
};

static struct server *only; /* NULL: the daemon does not run */

struct server *
server_new(struct event_base *base, const struct server_config *config,
    const struct server_ops *ops, void *ctx, struct error *err)
{
	struct server *server = xcalloc(1, sizeof(*server));

	(void)base;
	(void)err;
	server->ops = ops;
	server->ctx = ctx;
	server->config = *config;
	only = server;
	return server;
}

void
server_free(struct server *server)
{
	if (server == NULL)
		return;
	while (server->jobs != NULL)
		server_job_free(server->jobs);
	only = NULL;
	free(server);
}

void
server_world_reset(void)
{
	only = NULL;
}

void
server_configure(struct server *server, const struct server_config *config)
{
	server->config = *config;
}

const struct server_counts *
server_counts(const struct server *server)
{
	static const struct server_counts none;

	(void)server;
	return &none;
}

uint16_t
server_port(const struct server *server)
{
	(void)server;
	return 8267;
}

struct in_addr
server_address(const struct server *server)
{
	return server->config.listen;
}

struct server_job *
server_job_new(struct server *server, const struct server_file *file,
    struct in_addr device, const char *token, const struct server_job_ops *ops,
    void *ctx, struct error *err)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	struct server_job *job = xcalloc(1, sizeof(*job));

	(void)err;
	job->server = server;
	job->file = *file;
	snprintf(job->sha256, sizeof(job->sha256), "%s", file->sha256);
	snprintf(job->name, sizeof(job->name), "%s",
	    file->name != NULL ? file->name : "fw.bin");
	if (token != NULL)
		snprintf(job->token, sizeof(job->token), "%s", token);
	else
		for (int i = 0; i < SERVER_TOKEN_LEN; i++)
			job->token[i] = letters[world_draw(
			    "token", 0, sizeof(letters) - 1)];
	job->device = device;
	job->is_checked = server->config.check_source;
	job->ops = ops;
	job->ctx = ctx;
	DL_APPEND(server->jobs, job);
	return job;
}

void
server_job_free(struct server_job *job)
{
	if (job == NULL)
		return;
	DL_DELETE(job->server->jobs, job);
	if (job->file.release != NULL)
		job->file.release(job->file.owner);
	free(job);
}

const char *
server_job_token(const struct server_job *job)
{
	return job->token;
}

void
server_job_move(struct server_job *job, struct in_addr device)
{
	job->device = device;
	job->expected.s_addr = 0;
}

void
server_job_renew(struct server_job *job, struct in_addr device)
{
	job->device = device;
	job->has_begun = job->at_end = false;
}

void
server_job_expect(struct server_job *job, struct in_addr address)
{
	job->expected = address;
}

bool
server_job_url(
    const struct server_job *job, struct in_addr local, char *dst, size_t size)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &local, text, sizeof(text));
	return (size_t)snprintf(dst, size, "http://%s:8267/%s/%s", text,
		   job->token, job->name) < size;
}

static bool
is_for(const struct server_job *job, struct in_addr from)
{
	return !job->is_checked || job->device.s_addr == from.s_addr ||
	    (job->expected.s_addr != 0 && job->expected.s_addr == from.s_addr);
}

static struct server_job *
find_job(const char *token, struct in_addr from, enum server_stray *why)
{
	struct server_job *job;

	*why = SERVER_STRAY_PATH;
	DL_FOREACH (only->jobs, job) {
		if (strcmp(job->token, token) != 0)
			continue;
		if (is_for(job, from))
			return job;
		if (job->ops->is_at != NULL &&
		    job->ops->is_at(job->ctx, from)) {
			server_job_expect(job, from);
			return job;
		}
		*why = SERVER_STRAY_ADDRESS;
	}
	return NULL;
}

struct served_range {
	void *job;
	char token[SERVER_TOKEN_LEN + 1];
	uint64_t first, len;
	struct in_addr from;
	bool begins;
};

/* Callbacks come from the event loop. */
static void
tell_served(void *ctx)
{
	struct served_range *range = ctx;
	struct server_job *job;

	DL_FOREACH (only->jobs, job)
		if (strcmp(job->token, range->token) == 0)
			break;
	if (job != NULL && range->begins && job->ops->fetch_started != NULL)
		job->ops->fetch_started(job->ctx, range->from);
	DL_FOREACH (only->jobs, job)
		if (strcmp(job->token, range->token) == 0)
			break;
	if (job != NULL && job->ops->served != NULL)
		job->ops->served(
		    job->ctx, range->first, range->len, range->from);
	free(range);
}

enum served
server_fetch(const char *token, struct in_addr from, uint64_t first,
    uint64_t len, const struct content **content, uint64_t *total)
{
	struct served_range *range;
	enum server_stray why;
	struct server_job *job;

	if (only == NULL || !lan_is_up() || world_is_frozen())
		return SERVED_NOBODY;
	if (only->ops->came != NULL)
		only->ops->came(only->ctx, from);
	job = find_job(token, from, &why);
	if (job == NULL) {
		if (only->ops->stray != NULL)
			only->ops->stray(only->ctx, why, from);
		return SERVED_NOT_FOUND;
	}
	*content = content_of(job->file.data, job->file.size);
	*total = job->file.size;
	range = xcalloc(1, sizeof(*range));
	range->begins = !job->has_begun && first == 0;
	job->has_begun = job->has_begun || range->begins;
	snprintf(range->token, sizeof(range->token), "%s", token);
	range->first = first;
	range->len = first + len > *total ? *total - first : len;
	range->from = from;
	server_job_move(job, from); /* its verdict comes from there */
	job->at_end = first + range->len == *total;
	world_at_of_daemon(world_ms(), tell_served, range);
	return SERVED;
}

bool
server_is_open(void)
{
	return only != NULL && lan_is_up() && !world_is_frozen();
}

struct told_verdict {
	struct in_addr from;
	char token[SERVER_TOKEN_LEN + 1]; /* of the connection; "": a new one */
	int code;
};

static unsigned
weigh_reporter(const struct server_job *job, struct in_addr from)
{
	bool is_elsewhere = job->ops->is_elsewhere != NULL &&
	    job->ops->is_elsewhere(job->ctx, from);

	return (is_elsewhere ? 1 : 3) + (job->at_end ? 1 : 0);
}

/* The job whose device reports, as server_job_reporting() has it. */
static struct server_job *
find_reporting(const struct told_verdict *told)
{
	struct server_job *job, *best = NULL;

	DL_FOREACH (only->jobs, job) {
		if (job->device.s_addr != told->from.s_addr)
			continue;
		if (strcmp(job->token, told->token) == 0)
			return job;
		if (best == NULL ||
		    weigh_reporter(job, told->from) >
			weigh_reporter(best, told->from))
			best = job;
	}
	return best;
}

static void
tell_verdict(void *ctx)
{
	struct told_verdict *told = ctx;
	struct server_job *job = find_reporting(told);

	if (job != NULL && job->ops->verdict != NULL)
		job->ops->verdict(job->ctx, told->code, told->from);
	else if (only->ops->stray != NULL)
		only->ops->stray(only->ctx, SERVER_STRAY_VERDICT, told->from);
	free(told);
}

void
server_verdict(struct in_addr from, const char *token, int code)
{
	struct told_verdict *told;

	if (only == NULL || !lan_is_up())
		return;
	told = xcalloc(1, sizeof(*told));
	told->from = from;
	snprintf(told->token, sizeof(told->token), "%s", token);
	told->code = code;
	if (only->ops->came != NULL)
		only->ops->came(only->ctx, from);
	world_at_of_daemon(world_ms(), tell_verdict, told);
}
