/* SPDX-License-Identifier: ISC */
/*
 * Holds the images that may be fetched now, each under a URL with a secret
 * token, and finds the job of a request.
 */
#include "config.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "io/http/server_parts.h"

#include "base/memory.h"
#include "base/text.h"

#define DEFAULT_NAME "fw.bin"

static struct file *
file_new(const struct server_file *from, const char *boundary)
{
	struct file *file = xcalloc(1, sizeof(*file));

	file->refs = 1;
	file->data = from->data;
	file->release = from->release;
	file->owner = from->owner;
	snprintf(file->etag, sizeof(file->etag), "\"%.*s\"", ETAG_DIGITS,
	    from->sha256);
	file->facts.is.size = from->size;
	file->facts.is.etag = file->etag;
	file->facts.is.modified = from->modified;
	file->facts.boundary = boundary;
	if (from->md5 != NULL &&
	    text_copy(file->md5, sizeof(file->md5), from->md5))
		file->facts.md5 = file->md5;
	filereply_prepare(&file->facts);
	return file;
}

void
server_file_unref(struct file *file)
{
	if (--file->refs > 0)
		return;
	if (file->release != NULL)
		file->release(file->owner);
	free(file);
}

/*
 * Make a random text of letters and digits only: a person may have to type the
 * URL, and Tasmota may cut it at other characters.
 */
bool
server_random_text(char *dst, size_t len)
{
	static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const unsigned count = sizeof(alphabet) - 1;
	size_t n = 0;

	while (n < len) {
		unsigned char byte;

		if (RAND_bytes(&byte, 1) != 1)
			return false;
		if (byte < 256 / count * count)
			dst[n++] = alphabet[byte % count];
	}
	dst[len] = '\0';
	return true;
}

static bool
is_token(const char *token)
{
	size_t len = 0;

	while (isalnum((unsigned char)token[len]))
		len++;
	return len == SERVER_TOKEN_LEN && token[len] == '\0';
}

static bool
is_name(const char *name)
{
	size_t len = strspn(name,
	    "0123456789abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-");

	return len > 0 && len <= SERVER_NAME_MAX && name[len] == '\0';
}

static bool
job_init(struct server_job *job, const char *name, const char *token,
    struct error *err)
{
	struct server_job *other;

	if (name == NULL)
		name = DEFAULT_NAME;
	if (!is_name(name) || !text_copy(job->name, sizeof(job->name), name))
		return error_set(err, EINVAL, "not a name for a URL");
	if (token == NULL && !server_random_text(job->token, SERVER_TOKEN_LEN))
		return error_set(err, EIO, "no random numbers to be had");
	if (token != NULL &&
	    (!is_token(token) ||
		!text_copy(job->token, sizeof(job->token), token)))
		return error_set(err, EINVAL, "not a token");
	DL_FOREACH (job->server->jobs, other) {
		if (strcmp(other->token, job->token) == 0 &&
		    strcmp(other->name, job->name) == 0)
			return error_set(err, EEXIST, "this URL is live");
	}
	return true;
}

struct server_job *
server_job_new(struct server *server, const struct server_file *file,
    struct in_addr device, const char *token, const struct server_job_ops *ops,
    void *ctx, struct error *err)
{
	struct server_job *job = xcalloc(1, sizeof(*job));

	assert(strlen(file->sha256) >= ETAG_DIGITS);
	job->server = server;
	job->device = device;
	job->ops = ops;
	job->ctx = ctx;
	job->check_source = server->check_source;
	if (!job_init(job, file->name, token, err)) {
		free(job);
		return NULL;
	}
	job->file = file_new(file, server->boundary);
	DL_APPEND(server->jobs, job);
	return job;
}

void
server_job_free(struct server_job *job)
{
	struct conn *conn, *tmp;

	if (job == NULL)
		return;
	HASH_ITER (hh, job->server->conns, conn, tmp) {
		if (conn->job == job)
			conn->job = NULL;
	}
	conn_limit_dissolve(&job->server->admission, &job->proven);
	conn_limit_dissolve(&job->server->admission, &job->at_device);
	conn_limit_dissolve(&job->server->admission, &job->at_expected);
	DL_DELETE(job->server->jobs, job);
	server_file_unref(job->file);
	OPENSSL_cleanse(job->token, sizeof(job->token));
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
	server_job_move(job, device);
	job->fetched = job->at_end = false;
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
	char address[INET_ADDRSTRLEN];
	int n;

	inet_ntop(AF_INET, &local, address, sizeof(address));
	n = snprintf(dst, size, "http://%s:%u/%s/%s", address,
	    job->server->port, job->token, job->name);
	return n > 0 && (size_t)n < size;
}

/*
 * Return true if the path is that of the job.  The token is compared in
 * constant time, so that it cannot be guessed by timing.
 */
static bool
job_has_path(const struct server_job *job, const char *path, size_t len)
{
	size_t name_len = strlen(job->name);
	const char *token = path, *name;

	/* A B02-BL asks so: itead/Sonoff_Devices_DIY_Tools#129. */
	if (len > 0 && path[0] == '/')
		token++, len--;
	name = token + SERVER_TOKEN_LEN + 1;
	return len == SERVER_TOKEN_LEN + 1 + name_len && name[-1] == '/' &&
	    memcmp(name, job->name, name_len) == 0 &&
	    CRYPTO_memcmp(token, job->token, SERVER_TOKEN_LEN) == 0;
}

static bool
job_is_for(const struct server_job *job, struct in_addr from)
{
	return job->device.s_addr == from.s_addr ||
	    (job->expected.s_addr != 0 && job->expected.s_addr == from.s_addr);
}

static bool
job_finds(struct server_job *job, struct in_addr from)
{
	if (job->ops->is_at == NULL || !job->ops->is_at(job->ctx, from))
		return false;
	server_job_expect(job, from);
	return true;
}

struct server_job *
server_job_find(struct server *server, const char *path, size_t len,
    struct in_addr from, enum server_stray *why)
{
	struct server_job *job;

	*why = SERVER_STRAY_PATH;
	DL_FOREACH (server->jobs, job) {
		if ((!job->check_source || job_is_for(job, from)) &&
		    job_has_path(job, path, len))
			return job;
	}
	DL_FOREACH (server->jobs, job) {
		if (!job_has_path(job, path, len))
			continue;
		if (job_finds(job, from))
			return job;
		*why = SERVER_STRAY_ADDRESS;
	}
	return NULL;
}

static struct conn_limit_reserve *
reserve_of(struct server_job *job, struct in_addr from)
{
	if (job->device.s_addr == from.s_addr)
		return &job->at_device;
	return job_is_for(job, from) ? &job->at_expected : NULL;
}

/*
 * Return the reserved places for a connection from this address, with a free
 * one if possible: behind a range extender several devices share an address.
 */
struct conn_limit_reserve *
server_job_reserve(struct server *server, struct in_addr from)
{
	struct conn_limit_reserve *full = NULL;
	struct server_job *job;

	DL_FOREACH (server->jobs, job) {
		struct conn_limit_reserve *reserve = reserve_of(job, from);

		if (reserve == NULL)
			continue;
		if (reserve->count < CONN_LIMIT_RESERVED)
			return reserve;
		full = reserve;
	}
	return full;
}

/* How much speaks for a verdict from this address to be that of the job. */
static unsigned
weigh_reporter(const struct server_job *job, struct in_addr from)
{
	bool is_elsewhere = job->ops->is_elsewhere != NULL &&
	    job->ops->is_elsewhere(job->ctx, from);

	return (is_elsewhere ? 1 : 3) + (job->at_end ? 1 : 0);
}

struct server_job *
server_job_reporting(
    struct server *server, struct in_addr device, const char *token)
{
	struct server_job *job, *best = NULL;

	DL_FOREACH (server->jobs, job) {
		if (job->device.s_addr != device.s_addr)
			continue;
		if (strcmp(job->token, token) == 0)
			return job;
		if (best == NULL ||
		    weigh_reporter(job, device) > weigh_reporter(best, device))
			best = job;
	}
	return best;
}
