#include "http/slow.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"

struct job {
	struct request *request;
	void (*fn)(struct request *r);
};

struct slow {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job queue[SLOW_QUEUE];   /* a ring */
	size_t first, n;
	bool stopped;
	void (*thread_done)(void *ptr);
	void *ptr;
	pthread_t *threads;
	int n_threads;
};

/* The next job; false when stopped. */
static bool take(struct slow *s, struct job *ret_job)
{
	pthread_mutex_lock(&s->lock);
	while (s->n == 0 && !s->stopped)
		pthread_cond_wait(&s->more, &s->lock);

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
	struct slow *s = ptr;
	struct job job;

	while (take(s, &job))
		job.fn(job.request);
	if (s->thread_done)
		s->thread_done(s->ptr);
	return NULL;
}

struct slow *slow_start(int threads, void (*thread_done)(void *ptr), void *ptr)
{
	struct slow *s = mem_alloc(sizeof *s);

	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->more, NULL);
	s->thread_done = thread_done;
	s->ptr = ptr;
	s->threads = mem_alloc((size_t)threads * sizeof *s->threads);
	while (s->n_threads < threads) {
		if (pthread_create(&s->threads[s->n_threads], NULL, work, s) != 0) {
			slow_stop(s, NULL);
			return NULL;
		}
		s->n_threads++;
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
		pthread_cond_signal(&s->more);
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
	pthread_cond_broadcast(&s->more);
	pthread_mutex_unlock(&s->lock);
	for (size_t i = 0; i < n; i++)
		drop(waiting[i].request);
	for (int i = 0; i < s->n_threads; i++)
		pthread_join(s->threads[i], NULL);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->more);
	free(s->threads);
	free(s);
}
