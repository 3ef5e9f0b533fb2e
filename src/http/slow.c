#include "http/slow.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"

struct job {
	struct request *request;
	void (*fn)(struct request *r);
};

struct hand {
	struct slow *pool;
	pthread_t thread;
	pthread_cond_t wake;
	bool idle;
	struct hand *next;              /* of those that are idle */
};

struct slow {
	pthread_mutex_t lock;
	struct job queue[SLOW_QUEUE];   /* a ring */
	size_t first, n;
	bool stopped;
	void (*thread_done)(void *ptr);
	void *ptr;
	struct hand *hands;
	int n_hands;
	struct hand *idle;              /* whoever was busy last comes first: what it keeps – its connection, what it prepared – is warm */
};

/* With the lock. */
static void rest(struct slow *s, struct hand *h)
{
	if (!h->idle) {
		h->idle = true;
		h->next = s->idle;
		s->idle = h;
	}
	pthread_cond_wait(&h->wake, &s->lock);
}

/* With the lock: who left the list by itself is in it no more. */
static void rise(struct slow *s, struct hand *h)
{
	struct hand **at = &s->idle;

	if (!h->idle)
		return;
	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	h->idle = false;
}

/* With the lock. */
static void wake_one(struct slow *s)
{
	struct hand *h = s->idle;

	if (!h)
		return;
	rise(s, h);
	pthread_cond_signal(&h->wake);
}

/* The next job; false when stopped. */
static bool take(struct hand *h, struct job *ret_job)
{
	struct slow *s = h->pool;

	pthread_mutex_lock(&s->lock);
	while (s->n == 0 && !s->stopped)
		rest(s, h);
	rise(s, h);

	bool found = s->n > 0;

	if (found) {
		*ret_job = s->queue[s->first];
		s->first = (s->first + 1) % SLOW_QUEUE;
		s->n--;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

static void *work(void *ptr)
{
	struct hand *h = ptr;
	struct job job;

	while (take(h, &job))
		job.fn(job.request);
	if (h->pool->thread_done)
		h->pool->thread_done(h->pool->ptr);
	return NULL;
}

struct slow *slow_start(int threads, void (*thread_done)(void *ptr), void *ptr)
{
	struct slow *s = mem_alloc(sizeof *s);

	pthread_mutex_init(&s->lock, NULL);
	s->thread_done = thread_done;
	s->ptr = ptr;
	s->hands = mem_alloc((size_t)threads * sizeof *s->hands);
	while (s->n_hands < threads) {
		struct hand *h = &s->hands[s->n_hands];

		h->pool = s;
		pthread_cond_init(&h->wake, NULL);
		if (pthread_create(&h->thread, NULL, work, h) != 0) {
			pthread_cond_destroy(&h->wake);
			slow_stop(s, NULL);
			return NULL;
		}
		s->n_hands++;
	}
	return s;
}

bool slow_push(struct slow *s, struct request *r, void (*fn)(struct request *r))
{
	pthread_mutex_lock(&s->lock);

	bool fits = s->n < SLOW_QUEUE && !s->stopped;

	if (fits) {
		s->queue[(s->first + s->n) % SLOW_QUEUE] = (struct job){ r, fn };
		s->n++;
		wake_one(s);
	}
	pthread_mutex_unlock(&s->lock);
	return fits;
}

void slow_stop(struct slow *s, void (*drop)(struct request *r))
{
	struct job waiting[SLOW_QUEUE];
	size_t n = 0;

	pthread_mutex_lock(&s->lock);
	s->stopped = true;
	for (; s->n > 0; s->n--) {
		waiting[n++] = s->queue[s->first];
		s->first = (s->first + 1) % SLOW_QUEUE;
	}
	while (s->idle)
		wake_one(s);
	pthread_mutex_unlock(&s->lock);
	for (size_t i = 0; i < n; i++)
		drop(waiting[i].request);
	for (int i = 0; i < s->n_hands; i++) {
		pthread_join(s->hands[i].thread, NULL);
		pthread_cond_destroy(&s->hands[i].wake);
	}
	pthread_mutex_destroy(&s->lock);
	free(s->hands);
	free(s);
}
