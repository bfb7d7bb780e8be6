/* SPDX-License-Identifier: ISC */
/*
 * fuzz_httpmsg -- an HTTP reply comes to the same end whichever way it is cut,
 * and what is accepted is within its bounds.  The last byte is the cut.
 */
#include "config.h"

#include <string.h>

#include "core/http/httpmsg.h"

#include "fuzz.h"

static enum httpmsg_end
read_pieces(struct httpmsg *msg, const uint8_t *data, size_t size, size_t step,
    struct error *err)
{
	enum httpmsg_end end = HTTPMSG_MORE;

	for (size_t at = 0; at < size && end == HTTPMSG_MORE; at += step)
		end = httpmsg_feed(
		    msg, data + at, step < size - at ? step : size - at, err);
	return end == HTTPMSG_MORE ? httpmsg_close(msg, err) : end;
}

static void
check_done(const struct httpmsg *whole, const struct httpmsg *cut)
{
	size_t len, cut_len;
	const char *body = httpmsg_body(whole, &len);
	const char *server = httpmsg_header(whole, "Server");

	HOLDS(httpmsg_status(whole) >= 200 && httpmsg_status(whole) <= 599);
	HOLDS(httpmsg_status(whole) == httpmsg_status(cut));
	HOLDS(len <= HTTPMSG_MAX_BODY && body[len] == '\0');
	HOLDS(memcmp(body, httpmsg_body(cut, &cut_len), len) == 0);
	HOLDS(len == cut_len);
	HOLDS(server == NULL ||
	    strcmp(server, httpmsg_header(cut, "Server")) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct httpmsg *whole = httpmsg_new(), *cut = httpmsg_new();
	struct error err = { 0 }, cut_err = { 0 };
	size_t step = size == 0 ? 1 : 1 + data[size - 1] % 7;
	enum httpmsg_end end = read_pieces(whole, data, size, size + 1, &err);

	HOLDS(end != HTTPMSG_MORE);
	HOLDS(end == read_pieces(cut, data, size, step, &cut_err));
	HOLDS(strcmp(err.text, cut_err.text) == 0);
	if (end == HTTPMSG_DONE)
		check_done(whole, cut);
	httpmsg_free(whole);
	httpmsg_free(cut);
	return 0;
}
