/*
 * listen: what a server needs before its first connection: a socket,
 * certificate and key, descriptors, a clean directory for uploads.
 */
#ifndef HTTP_LISTEN_H
#define HTTP_LISTEN_H

#include "http/server.h"

/* Certificate and key as PEM texts; NULL: plain. */
struct tls {
	char *cert, *key;
};

/* Reads and checks them.  False with *ret_error. */
bool listen_tls(struct arena *mem, const struct server_options *o, struct tls *ret_tls,
                const char **ret_error);

/* A listening socket at "address:port", or -1 with *ret_error. */
int listen_open(struct arena *mem, const char *where, const char **ret_error);
int listen_port(int fd);

/*
 * Raises the limit of open files for so many connections and `others`;
 * returns how many connections fit.
 */
int listen_fit(int connections, int others);

/* Removes uploads whose server died before it could. */
void listen_sweep(const char *temp);

#endif
