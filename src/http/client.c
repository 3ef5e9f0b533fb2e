#include "http/client.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

enum {
	CROWD_BUCKETS = 4096,
	PAGE = 4096,
	ADDRESS_BYTES = 16,
};

static_assert(CLIENT_POOL % PAGE == 0, "the pool is whole pages");

struct address {
	struct address *next;
	unsigned char bytes[ADDRESS_BYTES];
	int n;
};

struct crowd {
	pthread_mutex_t lock;
	int all, per_address;           /* limits */
	int n;
	struct address *buckets[CROWD_BUCKETS];
};

struct crowd *crowd_new(int all, int per_address)
{
	struct crowd *w = mem_alloc(sizeof *w);

	pthread_mutex_init(&w->lock, NULL);
	w->all = all;
	w->per_address = per_address;
	return w;
}

void crowd_free(struct crowd *w)
{
	pthread_mutex_destroy(&w->lock);
	free(w);
}

/* Four bytes of IPv4, or the eight of the IPv6 network a client may roam in. */
static void address_bytes(const struct sockaddr *from, unsigned char out[static ADDRESS_BYTES])
{
	const void *any = from;

	memset(out, 0, ADDRESS_BYTES);
	if (from->sa_family == AF_INET) {
		const struct sockaddr_in *four = any;

		memcpy(out + 12, &four->sin_addr, 4);
	} else if (from->sa_family == AF_INET6) {
		const struct sockaddr_in6 *six = any;

		if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
			memcpy(out + 12, six->sin6_addr.s6_addr + 12, 4);
		else
			memcpy(out, six->sin6_addr.s6_addr, 8);
	}
}

static struct address **bucket_of(struct crowd *w, const unsigned char *bytes)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < ADDRESS_BYTES; i++)
		hash = (hash ^ bytes[i]) * 16777619U;
	return &w->buckets[hash % CROWD_BUCKETS];
}

static bool enter_address(struct crowd *w, struct client *c, const struct sockaddr *from)
{
	unsigned char bytes[ADDRESS_BYTES];

	address_bytes(from, bytes);

	struct address **bucket = bucket_of(w, bytes);
	struct address *a = *bucket;

	while (a && memcmp(a->bytes, bytes, sizeof bytes) != 0)
		a = a->next;
	if (a && a->n >= w->per_address)
		return false;
	if (!a) {
		a = mem_alloc(sizeof *a);
		memcpy(a->bytes, bytes, sizeof bytes);
		a->next = *bucket;
		*bucket = a;
	}
	a->n++;
	c->address = a;
	return true;
}

bool crowd_enter(struct crowd *w, struct client *c, const struct sockaddr *from,
                 bool by_address)
{
	pthread_mutex_lock(&w->lock);

	bool fits = w->n < w->all && (!by_address || enter_address(w, c, from));

	if (fits)
		w->n++;
	pthread_mutex_unlock(&w->lock);
	return fits;
}

void crowd_leave(struct crowd *w, struct client *c)
{
	struct address *a = c->address;

	pthread_mutex_lock(&w->lock);
	w->n--;
	if (a && --a->n == 0) {
		struct address **p = bucket_of(w, a->bytes);

		while (*p != a)
			p = &(*p)->next;
		*p = a->next;
		free(a);
	}
	c->address = NULL;
	pthread_mutex_unlock(&w->lock);
}

void client_peer(const struct sockaddr *from, char out[static INET6_ADDRSTRLEN])
{
	const void *any = from;

	out[0] = '\0';
	if (from->sa_family == AF_INET) {
		const struct sockaddr_in *four = any;

		inet_ntop(AF_INET, &four->sin_addr, out, INET6_ADDRSTRLEN);
	} else if (from->sa_family == AF_INET6) {
		const struct sockaddr_in6 *six = any;

		if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
			inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, out, INET6_ADDRSTRLEN);
		else
			inet_ntop(AF_INET6, &six->sin6_addr, out, INET6_ADDRSTRLEN);
	}
}

void client_phase(struct client *c, enum phase phase, int64_t now)
{
	c->phase = phase;
	c->since = now;
	c->looked = false;
}

static struct tcp_info tcp_info_of(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t n = sizeof info;

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n);
	return info;
}

/* Idle until a byte arrives: then a request has begun, and its clock runs. */
static bool watch_idle(struct client *c, const struct pace *p, int64_t now)
{
	uint64_t received = tcp_info_of(c->fd).tcpi_bytes_received;

	if (!c->looked) {
		c->looked = true;
		c->marked = received;
	} else if (received != c->marked) {
		client_phase(c, PHASE_HEADERS, now);
		return true;
	}
	return now - c->since < p->idle;
}

/* Whether at least PACE_BYTES a second passed, judged each time `window` is over. */
static bool fast_enough(struct client *c, uint64_t passed, int64_t window, int64_t now)
{
	if (!c->looked) {
		c->looked = true;
		c->marked = passed;
		c->marked_at = now;
		return true;
	}
	if (now - c->marked_at < window)
		return true;

	bool enough = passed - c->marked >= (uint64_t)(window * PACE_BYTES / 1000);

	c->marked = passed;
	c->marked_at = now;
	return enough;
}

static bool watch_sending(struct client *c, const struct pace *p, int64_t now)
{
	int queued = 0;

	/* Nothing queued: it is us who are slow, not the client. */
	if (ioctl(c->fd, SIOCOUTQ, &queued) != 0 || queued == 0) {
		c->looked = false;
		return true;
	}
	return fast_enough(c, tcp_info_of(c->fd).tcpi_bytes_acked, p->sending, now);
}

bool client_watch(struct client *c, const struct pace *p, int64_t now)
{
	struct pollfd hung = { .fd = c->fd, .events = POLLRDHUP };

	switch (c->phase) {
	case PHASE_IDLE:
		return watch_idle(c, p, now);
	case PHASE_HEADERS:
		return now - c->since < p->headers;
	case PHASE_BODY:
		return fast_enough(c, tcp_info_of(c->fd).tcpi_bytes_received, p->body, now);
	case PHASE_WORK:
		return true;
	case PHASE_SENDING:
		return watch_sending(c, p, now);
	case PHASE_ASLEEP:
		/* The library does not look at suspended connections. */
		c->left = poll(&hung, 1, 0) > 0;
		return true;
	case PHASE_PARTING:
		return now - c->since < p->parting;
	}
	return true;
}

void client_hang_up(struct client *c)
{
	/* What a stuck client did not take is dropped, not kept by the kernel for minutes. */
	struct linger none = { .l_onoff = 1 };

	if (c->phase == PHASE_SENDING)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	shutdown(c->fd, SHUT_RDWR);
}

/*
 * The memory is mapped, so it starts at a page, and the library reads into it
 * from its start.  As long as it read no more than a page in all, the target of
 * the first request is in the first page.
 */
static unsigned char *find_pool(const struct client *c)
{
	const uintptr_t start = (uintptr_t)c->target - (uintptr_t)c->target % PAGE;
	int queued = 0;

	if (ioctl(c->fd, SIOCINQ, &queued) != 0 ||
	    tcp_info_of(c->fd).tcpi_bytes_received > (uint64_t)queued + PAGE)
		return NULL;
	return (unsigned char *)start;
}

void client_forget(struct warmth *all, struct client *c)
{
	if (!c->warm)
		return;
	if (c->warmer)
		c->warmer->colder = c->colder;
	else
		all->warmest = c->colder;
	if (c->colder)
		c->colder->warmer = c->warmer;
	else
		all->coldest = c->warmer;
	c->warm = false;
	all->n--;
}

void client_warm(struct warmth *all, struct client *c, int64_t now)
{
	if (!c->used)
		c->pool = find_pool(c);
	c->used = true;
	if (!c->pool)
		return;
	client_forget(all, c);
	c->warmer = NULL;
	c->colder = all->warmest;
	if (c->colder)
		c->colder->warmer = c;
	else
		all->coldest = c;
	all->warmest = c;
	all->n++;
	c->warm = true;
	c->warmed_at = now;
}

static bool is_zero(const unsigned char *page)
{
	return page[0] == 0 && memcmp(page, page + 1, PAGE - 1) == 0;
}

/* Gives back runs of pages that are all zero. */
static void trim(unsigned char *pool)
{
	size_t first = 0;

	for (size_t at = 0; at <= CLIENT_POOL; at += PAGE) {
		if (at < CLIENT_POOL && is_zero(pool + at))
			continue;
		if (at > first)
			madvise(pool + first, at - first, MADV_DONTNEED);
		first = at + PAGE;
	}
}

void client_cool(struct warmth *all, size_t most, int64_t ms, int64_t now)
{
	for (struct client *c = all->coldest; c; c = all->coldest) {
		if (all->n <= most && now - c->warmed_at < ms)
			return;
		client_forget(all, c);
		trim(c->pool);
	}
}
