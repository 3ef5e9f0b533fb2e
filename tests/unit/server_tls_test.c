#include "http/server.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tests/test.h"
#include "tests/unit/http_peer.h"
#include "tests/unit/http_site.h"

static void write_pem(const char *path, const gnutls_datum_t *pem)
{
	FILE *f = fopen(path, "w");

	fwrite(pem->data, 1, pem->size, f);
	fclose(f);
}

/* A key and a certificate that signs itself, as files. */
static void make_certificate(const char *cert_path, const char *key_path)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t cert;
	gnutls_datum_t pem;

	gnutls_x509_privkey_init(&key);
	gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
	                             GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	gnutls_x509_crt_init(&cert);
	gnutls_x509_crt_set_version(cert, 3);
	gnutls_x509_crt_set_serial(cert, "1", 1);
	gnutls_x509_crt_set_dn_by_oid(cert, GNUTLS_OID_X520_COMMON_NAME, 0, "localhost", 9);
	gnutls_x509_crt_set_activation_time(cert, time(NULL) - 60);
	gnutls_x509_crt_set_expiration_time(cert, time(NULL) + 3600);
	gnutls_x509_crt_set_key(cert, key);
	CHECK(gnutls_x509_crt_sign2(cert, cert, key, GNUTLS_DIG_SHA256, 0) == 0);
	gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, &pem);
	write_pem(cert_path, &pem);
	gnutls_free(pem.data);
	gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem);
	write_pem(key_path, &pem);
	gnutls_free(pem.data);
	gnutls_x509_crt_deinit(cert);
	gnutls_x509_privkey_deinit(key);
}

/* Sends over TLS, with this priority, and returns what comes until the end; NULL: no handshake. */
static char *ask_tls(struct arena *mem, int port, const char *priority, const char *request,
                     size_t extra)
{
	gnutls_certificate_credentials_t any;
	gnutls_session_t session;
	struct peer p;
	struct text t;
	char part[4096];

	peer_open(&p, port);
	gnutls_certificate_allocate_credentials(&any);
	gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL);
	gnutls_priority_set_direct(session, priority, NULL);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, any);
	gnutls_transport_set_int(session, p.fd);

	bool met = gnutls_handshake(session) == 0;

	text_init(&t, mem);
	if (met) {
		gnutls_record_send(session, request, strlen(request));
		memset(part, 'x', sizeof part);
		for (size_t sent = 0; sent < extra; sent += sizeof part)
			gnutls_record_send(session, part, sizeof part);
		for (ssize_t n = 1; n > 0;) {
			n = gnutls_record_recv(session, part, sizeof part);
			if (n > 0)
				text_addn(&t, part, (size_t)n);
		}
	}
	gnutls_deinit(session);
	gnutls_certificate_free_credentials(any);
	peer_close(&p);
	return met ? t.s : NULL;
}

TEST(server_speaks_tls)
{
	static const char get[] = "GET /later HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
	const char *usual = "NORMAL";
	struct site s;
	struct peer p;

	site_init(&s);
	s.options.tls_cert = fmt(&s.mem, "%s/cert.pem", s.temp);
	s.options.tls_key = fmt(&s.mem, "%s/key.pem", s.temp);
	make_certificate(s.options.tls_cert, s.options.tls_key);
	s.pace.headers = 1000;
	site_open(&s);

	char *answer = ask_tls(&s.mem, s.port, usual, get, 0);

	CHECK(answer && text_starts(answer, "HTTP/1.1 200 OK\r\n"));
	CHECK(answer && strstr(answer, "\nhttps=1\n"));
	CHECK(ask_tls(&s.mem, s.port, "NORMAL:-VERS-ALL:+VERS-TLS1.2", get, 0) != NULL);
	CHECK(!ask_tls(&s.mem, s.port, "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT", get, 0));

	/* A refusal amid the body passes the library, not the encryption. */
	answer = ask_tls(&s.mem, s.port, usual, "POST /body HTTP/1.1\r\nHost: a\r\n"
	                 "Content-Length: 100000\r\n\r\n", 90000);
	CHECK(answer && text_starts(answer, "HTTP/1.1 413 "));
	CHECK(answer && strstr(answer, "The body is too large."));

	/* No TLS at all, and a handshake that never comes. */
	peer_open(&p, s.port);
	peer_send(&p, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
	CHECK(peer_ends(&p, PEER_PATIENCE));
	CHECK(!strstr(p.in.s, "HTTP"));
	peer_close(&p);
	peer_open(&p, s.port);
	CHECK(peer_send_n(&p, "\x16\x03\x01", 3));
	CHECK(peer_ends(&p, PEER_PATIENCE));
	peer_close(&p);
	CHECK_INT(s.handled, 2);
	site_close(&s, 1000);
	unlink(s.options.tls_cert);
	unlink(s.options.tls_key);
	site_done(&s);
}
