/*
 * wire: what may stand on the wire, judged without a socket.
 *
 * Pure functions over bytes a client sent; nothing here trusts anything.  The
 * fuzzer (tests/fuzz/request_fuzz.c) throws its bytes at this file.
 */
#ifndef HTTP_WIRE_H
#define HTTP_WIRE_H

#include "base/text.h"

/* The method as a constant text, or NULL if it is none of ours. */
const char *wire_method(const char *s);

/* A header name: RFC 9110 token. */
bool wire_token(const char *s, size_t n);

/* A header value: no control characters but the tab. */
bool wire_value(const char *s, size_t n);

/* A Host value: name or address, optionally a port; not empty. */
bool wire_host(const char *s);

/* A Content-Length: digits only, and it fits. */
bool wire_length(const char *s, uint64_t *ret_length);

/* A request target in origin form: "/…", no blanks, control characters or "#". */
bool wire_target(const char *s, size_t n);

/*
 * The path of a target, decoded.  NULL if malformed: bad escapes, not UTF-8,
 * control characters, an escaped slash, a segment "." or "..".
 */
char *wire_path(struct arena *mem, const char *raw, size_t n);

/* The value of a cookie in one Cookie header; NULL if absent. */
char *wire_cookie(struct arena *mem, const char *header, const char *name);

/* The first parameter `name` of a query text, decoded; NULL if absent or malformed. */
char *wire_param(struct arena *mem, const char *query, const char *name);

/*
 * An IP address in its one spelling (IPv4 in IPv6 becomes IPv4), or NULL.
 * wire_forwarded takes the last one of an X-Forwarded-For list: the one our
 * own proxy wrote, the only one nobody else can forge.
 */
char *wire_address(struct arena *mem, const char *s);
char *wire_forwarded(struct arena *mem, const char *list);

/* Splits "127.0.0.1:8080" or "[::]:8443". */
bool wire_listen(struct arena *mem, const char *s, char **ret_host, char **ret_port);

#endif
