/* SPDX-License-Identifier: ISC */
/* Makes the context for TLS, and notes why a handshake fails. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/path_error.h"
#include "base/text.h"
#include "mqtt/broker/tls.h"

#define SHOWN_SIZE 160

struct tls {
	const struct tls_settings *settings; /* borrowed */
	SSL_CTX *context;		     /* owned */
	bool is_agreed;
	int verify_error;	  /* X509_V_OK: no certificate is wrong */
	char subject[SHOWN_SIZE]; /* of the certificate that is wrong */
	char until[SHOWN_SIZE];	  /* its end */
	const char *alert;	  /* what the broker says; NULL: nothing */
};

static bool
is_address(const char *name)
{
	unsigned char unused[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, name, unused) == 1 ||
	    inet_pton(AF_INET6, name, unused) == 1;
}

/* Note who a wrong certificate is for, and until when it is good. */
static void
note_certificate(struct tls *tls, X509 *certificate)
{
	char text[SHOWN_SIZE] = "";
	BIO *out = BIO_new(BIO_s_mem());
	int len;

	X509_NAME_get_text_by_NID(X509_get_subject_name(certificate),
	    NID_commonName, text, sizeof(text));
	text_escape(tls->subject, sizeof(tls->subject), text, strlen(text));
	if (out == NULL)
		return;
	ASN1_TIME_print(out, X509_get0_notAfter(certificate));
	len = BIO_read(out, text, sizeof(text) - 1);
	text[len > 0 ? len : 0] = '\0';
	text_copy(tls->until, sizeof(tls->until), text);
	BIO_free(out);
}

static int
on_verify(int is_good, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
	    store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	X509 *certificate = X509_STORE_CTX_get_current_cert(store);

	if (is_good)
		return 1;
	tls->verify_error = X509_STORE_CTX_get_error(store);
	if (certificate != NULL)
		note_certificate(tls, certificate);
	return 0;
}

/*
 * Have a write that fails be tried again, until what the broker has said before
 * is read: it refuses a client certificate only after the handshake, in an
 * alert that the library would not read after an error.  Where the broker has
 * gone without a word, the read fails as well.
 */
static long
on_bio(BIO *bio, int what, const char *data, size_t len, int argi, long argl,
    int ret, size_t *processed)
{
	(void)data;
	(void)len;
	(void)argi;
	(void)argl;
	(void)processed;
	if (what == (BIO_CB_WRITE | BIO_CB_RETURN) && ret <= 0 &&
	    (errno == EPIPE || errno == ECONNRESET))
		BIO_set_retry_write(bio);
	return ret;
}

/* OpenSSL 3.0 has no word for the alert of a broker that wants a certificate.
 */
static const char *
name_alert(int code)
{
	return (code & 0xff) == SSL_AD_CERTIFICATE_REQUIRED
	    ? "certificate required"
	    : SSL_alert_desc_string_long(code);
}

/*
 * Note how the handshake goes.  Before it starts, name the broker: libmosquitto
 * has put the address there.
 */
static void
on_info(const SSL *ssl, int where, int code)
{
	struct tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	const char *name = tls->settings->name;

	if (where & SSL_CB_HANDSHAKE_START && !tls->is_agreed)
		SSL_set_tlsext_host_name((SSL *)(uintptr_t)ssl,
		    is_address(name) ? NULL : (void *)(uintptr_t)name);
	if (where & SSL_CB_HANDSHAKE_DONE && !tls->is_agreed) {
		tls->is_agreed = true;
		BIO_set_callback_ex(SSL_get_wbio(ssl), on_bio);
	}
	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT &&
	    (code >> 8) == SSL3_AL_FATAL)
		tls->alert = name_alert(code);
}

static bool
check_name(struct tls *tls, struct error *err)
{
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(tls->context);
	const char *name = tls->settings->name;

	X509_VERIFY_PARAM_set_hostflags(
	    param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (is_address(name) ? X509_VERIFY_PARAM_set1_ip_asc(param, name)
			     : X509_VERIFY_PARAM_set1_host(param, name, 0))
		return true;
	return error_set(err, EINVAL, "%s: not a name for a certificate", name);
}

/* Say what is wrong with a file that OpenSSL cannot use. */
static bool
complain_file(
    const char *key, const char *path, const char *what, struct error *err)
{
	unsigned long code = ERR_peek_error();
	struct error why;
	FILE *file = fopen(path, "re");
	int reason = errno;

	ERR_clear_error();
	if (file == NULL) {
		path_error(&why, reason, path);
		return error_set(err, ENOENT, "%s=: %s", key, why.text);
	}
	fclose(file);
	return error_set(err, EBADMSG, "%s=%s: this is not %s (%s)", key, path,
	    what, code != 0 ? ERR_reason_error_string(code) : "nothing in it");
}

static bool
load_authorities(struct tls *tls, struct error *err)
{
	const char *file = tls->settings->ca_file;

	if (file == NULL) {
		if (SSL_CTX_set_default_verify_paths(tls->context))
			return true;
		return error_set(err, ENOENT,
		    "this system has no certificate authorities; on Debian: "
		    "apt-get install ca-certificates");
	}
	if (SSL_CTX_load_verify_file(tls->context, file))
		return true;
	return complain_file(
	    "CAFile", file, "the certificate of an authority as PEM", err);
}

static bool
load_own(struct tls *tls, struct error *err)
{
	const struct tls_settings *settings = tls->settings;

	if (settings->cert_file == NULL)
		return true;
	if (!SSL_CTX_use_certificate_chain_file(
		tls->context, settings->cert_file))
		return complain_file("CertFile", settings->cert_file,
		    "a certificate as PEM", err);
	if (!SSL_CTX_use_PrivateKey_file(
		tls->context, settings->key_file, SSL_FILETYPE_PEM))
		return complain_file("KeyFile", settings->key_file,
		    "a private key as PEM without a password, or not that of "
		    "CertFile=",
		    err);
	return true;
}

struct tls *
tls_new(const struct tls_settings *settings, struct error *err)
{
	struct tls *tls = xcalloc(1, sizeof(*tls));

	tls->settings = settings;
	tls->context = SSL_CTX_new(TLS_client_method());
	if (tls->context == NULL)
		abort(); /* as when any memory is out */
	SSL_CTX_set_app_data(tls->context, tls);
	SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION);
	SSL_CTX_set_mode(tls->context,
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER, on_verify);
	SSL_CTX_set_info_callback(tls->context, on_info);
	if (check_name(tls, err) && load_authorities(tls, err) &&
	    load_own(tls, err))
		return tls;
	tls_free(tls);
	return NULL;
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	SSL_CTX_free(tls->context);
	free(tls);
}

SSL_CTX *
tls_context(struct tls *tls)
{
	return tls->context;
}

bool
tls_is_agreed(const struct tls *tls)
{
	return tls->is_agreed;
}

static bool
explain_certificate(const struct tls *tls, struct error *err)
{
	const char *name = tls->settings->name;

	switch (tls->verify_error) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return error_set(err, EBADMSG,
		    "its certificate is for another name (%s), and not for %s; "
		    "ServerName= says which name it has to be for",
		    tls->subject, name);
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return error_set(err, EBADMSG,
		    "its certificate (%s) has expired: it was good until %s",
		    tls->subject, tls->until);
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return error_set(err, EBADMSG,
		    "its certificate (%s) is not good yet; is the clock of "
		    "this "
		    "machine right?",
		    tls->subject);
	default:
		return error_set(err, EBADMSG,
		    "its certificate (%s) is from an authority that is not in "
		    "CAFile= (%s)",
		    tls->subject,
		    X509_verify_cert_error_string(tls->verify_error));
	}
}

bool
tls_explain(const struct tls *tls, struct error *err)
{
	if (tls->verify_error != X509_V_OK) {
		explain_certificate(tls, err);
		return true;
	}
	if (tls->alert != NULL) {
		error_set(err, EBADMSG, "it ends the encryption: %s; %s",
		    tls->alert,
		    tls->settings->cert_file != NULL
			? "is CertFile= from the authority that it trusts?"
			: "does it ask for a client certificate? That would be "
			  "CertFile= and KeyFile=");
		return true;
	}
	return false;
}
