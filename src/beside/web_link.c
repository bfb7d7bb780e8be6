/* SPDX-License-Identifier: ISC */
/* Makes and checks the codes in links to the page, and reads its token. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "beside/web_link.h"

#define NONCE_BYTES 16
#define MAC_BYTES   32
#define TOKEN_BYTES 32

bool
web_link_is_same(const char *one, const char *other)
{
	size_t len = strlen(one);

	return len == strlen(other) && CRYPTO_memcmp(one, other, len) == 0;
}

/* Write the MAC of the front part of a code in hex. */
static void
make_mac(const char *token, const char *front, char mac[2 * MAC_BYTES + 1])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (HMAC(EVP_sha256(), token, (int)strlen(token),
		(const unsigned char *)front, strlen(front), digest,
		&len) == NULL ||
	    len != MAC_BYTES)
		abort(); /* as when any memory is out */
	text_hex(mac, digest, MAC_BYTES);
}

/* Write so many random bytes in hex; false: there is no entropy. */
static bool
random_hex(char *dst, size_t count)
{
	unsigned char bytes[TOKEN_BYTES];

	if (RAND_bytes(bytes, (int)count) != 1)
		return false;
	text_hex(dst, bytes, count);
	return true;
}

char *
web_link_make(const char *token, int64_t expires)
{
	char nonce[WEB_LINK_NONCE_SIZE], mac[2 * MAC_BYTES + 1];
	char *front, *code;

	if (!random_hex(nonce, NONCE_BYTES))
		return NULL;
	front = xasprintf("%" PRIx64 ".%s", (uint64_t)expires, nonce);
	make_mac(token, front, mac);
	code = xasprintf("%s.%s", front, mac);
	free(front);
	return code;
}

/* Read a time in hex; false: it is none. */
static bool
read_expires(const char *code, size_t len, int64_t *expires)
{
	char digits[16], *end;

	if (len == 0 || len >= sizeof(digits) ||
	    strspn(code, "0123456789abcdef") != len)
		return false;
	memcpy(digits, code, len);
	digits[len] = '\0';
	*expires = (int64_t)strtoull(digits, &end, 16);
	return true;
}

bool
web_link_check(const char *token, const char *code, int64_t now,
    char nonce[WEB_LINK_NONCE_SIZE])
{
	const char *dot = strchr(code, '.');
	const char *last = strrchr(code, '.');
	char mac[2 * MAC_BYTES + 1], *front;
	int64_t expires;
	bool is_ours;

	if (dot == NULL || last - dot != WEB_LINK_NONCE_SIZE ||
	    !read_expires(code, (size_t)(dot - code), &expires))
		return false;
	front = xstrndup(code, (size_t)(last - code));
	make_mac(token, front, mac);
	is_ours = web_link_is_same(mac, last + 1);
	free(front);
	if (!is_ours || expires < now || expires > now + 2 * WEB_LINK_SECONDS)
		return false;
	memcpy(nonce, dot + 1, WEB_LINK_NONCE_SIZE - 1);
	nonce[WEB_LINK_NONCE_SIZE - 1] = '\0';
	return true;
}

/* Return true for characters that can all be sent in a header. */
static bool
is_token(const char *text)
{
	size_t len = strlen(text);

	if (len < WEB_LINK_MIN_TOKEN || len > WEB_LINK_MAX_TOKEN)
		return false;
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static char *
take_line(int fd, const char *file, struct error *err)
{
	char text[WEB_LINK_MAX_TOKEN + 2] = "";
	ssize_t len = read(fd, text, sizeof(text) - 1);

	if (len < 0) {
		error_errno(err, errno, "%s", file);
		return NULL;
	}
	text[strcspn(text, "\r\n")] = '\0';
	if (is_token(text))
		return xstrdup(text);
	error_set(err, EINVAL,
	    "%s: its first line is no token: that has %d to %d characters "
	    "without a blank, best random ones; see web.conf(5)",
	    file, WEB_LINK_MIN_TOKEN, WEB_LINK_MAX_TOKEN);
	return NULL;
}

char *
web_link_read_token(const char *file, struct error *err)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *token = NULL;
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1)
		error_errno(err, errno, "%s", file);
	else if (!S_ISREG(st.st_mode))
		error_set(err, EINVAL, "%s is no file", file);
	else if (st.st_mode & S_IWOTH)
		error_set(err, EACCES,
		    "%s can be changed by everybody on this machine, so it is "
		    "not used; to correct that: chmod o= %s",
		    file, file);
	else
		token = take_line(fd, file, err);
	if (fd != -1)
		close(fd);
	return token;
}

bool
web_link_is_open(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 && (st.st_mode & S_IROTH) != 0;
}

char *
web_link_new_token(void)
{
	char token[2 * TOKEN_BYTES + 1];

	return random_hex(token, TOKEN_BYTES) ? xstrdup(token) : NULL;
}
