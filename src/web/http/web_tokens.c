/* SPDX-License-Identifier: ISC */
/* Keeps the sessions, and compares tokens with them and with the file. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "beside/web_link.h"
#include "web/http/web_tokens.h"

#define MAX_SESSIONS 16
#define MAX_USED     64 /* codes that were used and have not expired */
#define MINUTE	     60

struct session {
	char *token; /* owned; NULL: this place is free */
	int64_t ends;
};

struct used {
	char nonce[WEB_LINK_NONCE_SIZE];
	int64_t until;
};

struct web_tokens {
	const char *file; /* borrowed */
	struct session sessions[MAX_SESSIONS];
	struct used used[MAX_USED];
	int64_t minute; /* when the tries began to be counted */
	unsigned tries;
};

struct web_tokens *
web_tokens_new(const char *file)
{
	struct web_tokens *tokens = xcalloc(1, sizeof(*tokens));

	tokens->file = file;
	return tokens;
}

void
web_tokens_free(struct web_tokens *tokens)
{
	if (tokens == NULL)
		return;
	for (size_t i = 0; i < MAX_SESSIONS; i++)
		free(tokens->sessions[i].token);
	free(tokens);
}

bool
web_tokens_are_there(const struct web_tokens *tokens, struct error *err)
{
	char *token = web_link_read_token(tokens->file, err);
	bool is_there = token != NULL;

	free(token);
	return is_there;
}

/* Return what follows "Bearer " in an Authorization; NULL: it is another. */
static const char *
bearer_of(const char *authorization)
{
	if (authorization == NULL ||
	    strncasecmp(authorization, "Bearer ", 7) != 0)
		return NULL;
	authorization += 7;
	return authorization + strspn(authorization, " ");
}

/* Return true if a session has this token; all are compared. */
static bool
has_session(const struct web_tokens *tokens, const char *bearer, int64_t now_s)
{
	bool found = false;

	for (size_t i = 0; i < MAX_SESSIONS; i++) {
		const struct session *session = &tokens->sessions[i];

		if (session->token != NULL && session->ends > now_s)
			found |= web_link_is_same(session->token, bearer);
	}
	return found;
}

/*
 * Note that a code is used.  Returns false if it was before, or if so many are
 * noted that there is no room until some expire.
 */
static bool
use_up(struct web_tokens *tokens, const char *nonce, int64_t now_s)
{
	struct used *room = NULL;

	for (size_t i = 0; i < MAX_USED; i++) {
		struct used *used = &tokens->used[i];

		if (used->until < now_s)
			room = used;
		else if (strcmp(used->nonce, nonce) == 0)
			return false;
	}
	if (room == NULL)
		return false;
	memcpy(room->nonce, nonce, sizeof(room->nonce));
	room->until = now_s + 2 * WEB_LINK_SECONDS;
	return true;
}

static bool
is_good(struct web_tokens *tokens, const char *token, const char *bearer,
    bool may_use_up, int64_t now_s)
{
	char nonce[WEB_LINK_NONCE_SIZE];

	return web_link_is_same(token, bearer) ||
	    has_session(tokens, bearer, now_s) ||
	    (may_use_up && web_link_check(token, bearer, now_s, nonce) &&
		use_up(tokens, nonce, now_s));
}

/* Count a wrong token. */
static enum web_tokens_verdict
count_try(struct web_tokens *tokens, int64_t now_s)
{
	if (now_s - tokens->minute >= MINUTE || now_s < tokens->minute) {
		tokens->minute = now_s;
		tokens->tries = 0;
	}
	if (tokens->tries >= WEB_TOKENS_TRIES)
		return WEB_TOKENS_TOO_MANY;
	tokens->tries++;
	return WEB_TOKENS_WRONG;
}

static enum web_tokens_verdict
judge(struct web_tokens *tokens, const char *authorization, bool may_use_up,
    int64_t now_s)
{
	const char *bearer = bearer_of(authorization);
	struct error err;
	char *token;
	bool good;

	token = web_link_read_token(tokens->file, &err);
	if (token == NULL)
		return WEB_TOKENS_NONE;
	good =
	    bearer != NULL && is_good(tokens, token, bearer, may_use_up, now_s);
	free(token);
	if (good)
		return WEB_TOKENS_GOOD;
	return bearer != NULL ? count_try(tokens, now_s) : WEB_TOKENS_WRONG;
}

enum web_tokens_verdict
web_tokens_check(
    struct web_tokens *tokens, const char *authorization, int64_t now_s)
{
	return judge(tokens, authorization, true, now_s);
}

enum web_tokens_verdict
web_tokens_look(
    struct web_tokens *tokens, const char *authorization, int64_t now_s)
{
	return judge(tokens, authorization, false, now_s);
}

const char *
web_tokens_begin(struct web_tokens *tokens, int64_t now_s)
{
	struct session *session = &tokens->sessions[0];

	for (size_t i = 1; i < MAX_SESSIONS; i++)
		if (tokens->sessions[i].ends < session->ends)
			session = &tokens->sessions[i];
	free(session->token);
	session->token = web_link_new_token();
	session->ends = now_s + WEB_TOKENS_SESSION_S;
	return session->token;
}
