/*
 * client: one connection, and how long it may take for what.
 *
 * The HTTP library only knows "no byte for so long"; that lets a client hold a
 * connection for ever with a byte now and then.  Here each phase of a
 * connection has its own clock.  A client belongs to the worker thread of its
 * connection; only the crowd is shared.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include <netinet/in.h>

#include "base/text.h"

struct exchange;

/* What the library gets for each connection: the headers and its records of them. */
enum { CLIENT_POOL = 96 * 1024 };

/* All in milliseconds. */
struct pace {
	int64_t headers;        /* from the first byte of a request until its headers are complete */
	int64_t idle;           /* between requests, and before the first */
	int64_t body;           /* a body must bring PACE_BYTES a second, seen over this time */
	int64_t sending;        /* so must the client's taking of an answer */
	int64_t parting;        /* for reading what we refused */
	int64_t watch;          /* how often all this is looked at */
};

enum { PACE_BYTES = 1024 };

enum phase {
	PHASE_IDLE,
	PHASE_HEADERS,
	PHASE_BODY,
	PHASE_WORK,             /* the application has it */
	PHASE_SENDING,
	PHASE_ASLEEP,           /* a stream with nothing to send */
	PHASE_PARTING,          /* refused; closes soon */
};

struct client {
	struct client *next, *previous;         /* in the worker's list */
	int fd;
	void *connection;                       /* the library's */
	struct exchange *exchange;              /* the present request, or NULL */
	char peer[INET6_ADDRSTRLEN];
	bool counted;                           /* in the crowd; else over its limits */
	struct address *address;                /* its place there, NULL: in all only */

	enum phase phase;
	int64_t since;                          /* when the phase began; date_ticks */
	bool looked;                            /* the mark below is set */
	int64_t marked_at;
	uint64_t marked;                        /* bytes in or out at that time */
	bool left;                              /* hung up while asleep */

	const char *target;                     /* where the library keeps the request target */
	size_t target_length;
	bool malformed;                         /* the target is */
	char *query;                            /* a copy: the library destroys it; NULL: none */

	bool used;                              /* had a request */
	unsigned char *pool;                    /* the library's memory for it, NULL: unknown */
	struct client *warmer, *colder;         /* in the worker's list of those not trimmed */
	bool warm;
	int64_t warmed_at;
};

/*
 * The library clears its whole memory of a connection after each request, so
 * every connection once used would hold all its pages.  Those used lately, the
 * warm ones, may; the others give back what is all zero, which changes nothing
 * but what it costs.
 */
struct warmth {
	struct client *warmest, *coldest;
	size_t n;
};

/* Who is connected: a count in all and one per address (IPv6: per /64). */
struct crowd;

struct crowd *crowd_new(int all, int per_address);
void crowd_free(struct crowd *w);
/* Counts the client in, also by address if asked.  False if a limit is reached. */
bool crowd_enter(struct crowd *w, struct client *c, const struct sockaddr *from,
                 bool by_address);
void crowd_leave(struct crowd *w, struct client *c);

/* The address of a socket as text; IPv4 in IPv6 becomes IPv4. */
void client_peer(const struct sockaddr *from, char out[static INET6_ADDRSTRLEN]);

void client_phase(struct client *c, enum phase phase, int64_t now);

/* False if the client took too long and must be closed.  Sets `left`. */
bool client_watch(struct client *c, const struct pace *p, int64_t now);

/* Ends the connection under the library, which then notices. */
void client_hang_up(struct client *c);

/*
 * A request begins.  The first one also tells where the library's memory is,
 * if that is certain.
 */
void client_warm(struct warmth *all, struct client *c, int64_t now);

/* Trims the coldest until at most `most` are warm, none for longer than `ms`. */
void client_cool(struct warmth *all, size_t most, int64_t ms, int64_t now);

/* The client goes. */
void client_forget(struct warmth *all, struct client *c);

#endif
