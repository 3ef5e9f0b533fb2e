#include "base/secret.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/test.h"

static struct arena *fresh(void)
{
	static struct arena mem;

	arena_reset(&mem);
	return &mem;
}

TEST(secret_hash_is_sha_256)
{
	struct arena *mem = fresh();

	/* FIPS 180-2, appendix B, and the empty message. */
	CHECK_TEXT(secret_hash(mem, "", 0),
	           "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	CHECK_TEXT(secret_hash(mem, "abc", 3),
	           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	CHECK_TEXT(secret_hash(mem, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56),
	           "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(secret_sha_adds_up_in_any_pieces)
{
	static char many[1000000];
	struct secret_sha h;

	memset(many, 'a', sizeof many);
	for (size_t piece = 1; piece < sizeof many; piece = piece * 7 + 1) {
		secret_sha_start(&h);
		for (size_t i = 0; i < sizeof many; i += piece)
			secret_sha_add(&h, many + i, sizeof many - i < piece ? sizeof many - i : piece);
		CHECK_TEXT(secret_sha_end(&h, fresh()),
		           "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	}
	secret_sha_start(&h);
	secret_sha_add(&h, many, 0);
	CHECK_TEXT(secret_sha_end(&h, fresh()), secret_hash(fresh(), "", 0));
}

TEST(secret_tokens_are_hex_and_never_the_same)
{
	enum { TOKENS = 200 };
	char *tokens[TOKENS];
	struct arena *mem = fresh();

	for (int i = 0; i < TOKENS; i++) {
		tokens[i] = secret_token(mem, 16);
		CHECK_INT(strlen(tokens[i]), 32);
		CHECK_INT(strspn(tokens[i], "0123456789abcdef"), 32);
		for (int k = 0; k < i; k++)
			CHECK(!text_eq(tokens[i], tokens[k]));
	}
	CHECK_INT(strlen(secret_token(mem, 32)), 64);
	CHECK_TEXT(secret_token(mem, 0), "");
}

TEST(secret_random_is_even_and_below)
{
	enum { SIDES = 6, THROWS = 60000 };
	uint64_t large = UINT64_C(3) << 61;
	int counts[SIDES] = { 0 };
	int upper = 0;

	for (int i = 0; i < THROWS; i++) {
		uint64_t r = secret_random(SIDES);

		CHECK(r < SIDES);
		counts[r % SIDES]++;
		r = secret_random(large);
		CHECK(r < large);
		upper += r >= large / 3 * 2;
	}
	/* Ten standard deviations around 10,000 and 20,000. */
	for (int i = 0; i < SIDES; i++)
		CHECK(counts[i] > 9000 && counts[i] < 11000);
	CHECK(upper > 18800 && upper < 21200);
	CHECK_INT(secret_random(1), 0);
	CHECK(secret_random((uint64_t)UINT32_MAX + 1) <= UINT32_MAX);
}

TEST(secret_password_is_argon2id_with_salt)
{
	struct arena *mem = fresh();
	char *hash = secret_password(mem, "王芳's password");

	CHECK(text_starts(hash, "$argon2id$v=19$m=19456,t=2,p=1$"));
	CHECK(secret_password_ok(hash, "王芳's password"));
	CHECK(!secret_password_ok(hash, "王芳's passwore"));
	CHECK(!secret_password_ok(hash, ""));
	CHECK(!text_eq(hash, secret_password(mem, "王芳's password")));
	hash = secret_password(mem, "");
	CHECK(secret_password_ok(hash, ""));
	CHECK(!secret_password_ok(hash, " "));
}

static double checking_ms(const char *hash)
{
	double best = 1e9;

	for (int i = 0; i < 5; i++) {
		struct timespec a;
		struct timespec b;

		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
		CHECK(!secret_password_ok(hash, "wrong"));
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);

		double ms = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;

		best = ms < best ? ms : best;
	}
	return best;
}

TEST(secret_password_time_does_not_tell_who_exists)
{
	double known = checking_ms(secret_password(fresh(), "right"));

	CHECK(checking_ms(NULL) > known / 2 && checking_ms(NULL) < known * 2);
	CHECK(checking_ms("") > known / 2);
	CHECK(checking_ms("not a hash") > known / 2);
}

TEST(secret_equal_compares_all_of_it)
{
	CHECK(secret_equal("", "") && secret_equal("token", "token"));
	CHECK(!secret_equal("token", "tokem") && !secret_equal("token", "Token"));
	CHECK(!secret_equal("token", "toke") && !secret_equal("toke", "token"));
	CHECK(!secret_equal("", "x"));
}

static int64_t resident(void)
{
	long long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f)
		return 0;
	if (fscanf(f, "%*s %lld", &pages) != 1)
		pages = 0;
	fclose(f);
	return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

enum { HASHERS = 12 };

static int finished;

static void *hash_some(void *unused)
{
	struct arena mem;

	(void)unused;
	arena_init(&mem, 0);
	for (int i = 0; i < 3; i++)
		secret_password(&mem, "many at once");
	arena_done(&mem);
	__atomic_fetch_add(&finished, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

TEST(secret_password_never_takes_memory_for_more_than_four)
{
	pthread_t threads[HASHERS];
	int64_t before = resident();
	int64_t most = 0;

	/* One hash takes 19 MiB: twelve at once would take 228. */
	finished = 0;
	for (int i = 0; i < HASHERS; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, hash_some, NULL), 0);
	while (__atomic_load_n(&finished, __ATOMIC_SEQ_CST) < HASHERS) {
		int64_t now = resident() - before;

		most = now > most ? now : most;
		usleep(300);
	}
	for (int i = 0; i < HASHERS; i++)
		pthread_join(threads[i], NULL);
	CHECK(most > 15 * 1024 * 1024);
	CHECK(most < 5 * 20 * 1024 * 1024);
}
