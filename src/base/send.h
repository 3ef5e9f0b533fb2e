/*
 * send: a message to another server, mail by SMTP or JSON by HTTPS.  The only file that names the transfer library.
 *
 * Blocks, 20 s at most: for threads of their own, never for the write lane.  No redirects; certificates are checked.
 */
#ifndef BASE_SEND_H
#define BASE_SEND_H

#include "base/text.h"

struct send_mail {
	const char *server;             /* smtp://host:587 (STARTTLS) or smtps://host:465 */
	const char *user, *password;    /* NULL: without signing in */
	bool plain;                     /* without TLS: a server in the same house */
	const char *from, *to;          /* addresses */
	const char *from_name;          /* NULL: none */
	const char *subject, *body;     /* UTF-8 text */
	int64_t now;                    /* ms UTC, for the Date line */
	const char *id;                 /* of the message, without @ */
};

/* False with what went wrong, in the arena; it holds no password. */
bool send_mail(struct arena *mem, const struct send_mail *m, const char **ret_error);

/* False if there was no answer at all; otherwise its status and body (64 KB at most). */
bool send_json(struct arena *mem, const char *url, const char *body, long *ret_status, const char **ret_answer,
               const char **ret_error);

#endif
