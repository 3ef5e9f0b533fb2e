#include "base/secret.h"

#include <errno.h>
#include <semaphore.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { MEMORY = 19 * 1024 * 1024, PASSES = 2, AT_ONCE = 4 };

static sem_t hashing;
static char dummy[crypto_pwhash_STRBYTES];      /* hash of a password nobody has */

static_assert(sizeof(struct secret_sha) >= sizeof(crypto_hash_sha256_state), "room for the state");

bool secret_start(void)
{
	if (sodium_init() < 0 || sem_init(&hashing, 0, AT_ONCE) != 0)
		return false;

	unsigned char nobody[32];

	randombytes_buf(nobody, sizeof nobody);
	return crypto_pwhash_str(dummy, (const char *)nobody, sizeof nobody, PASSES, MEMORY) == 0;
}

static char *hex(struct arena *mem, const unsigned char *bytes, size_t n)
{
	char *out = arena_alloc(mem, n * 2 + 1);

	sodium_bin2hex(out, n * 2 + 1, bytes, n);
	return out;
}

char *secret_token(struct arena *mem, size_t bytes)
{
	unsigned char *random = arena_alloc(mem, bytes);

	randombytes_buf(random, bytes);
	return hex(mem, random, bytes);
}

uint64_t secret_random(uint64_t below)
{
	if (below <= UINT32_MAX)
		return randombytes_uniform((uint32_t)below);

	uint64_t r;
	uint64_t limit = UINT64_MAX - UINT64_MAX % below;

	do
		randombytes_buf(&r, sizeof r);
	while (r >= limit);
	return r % below;
}

char *secret_base64(struct arena *mem, const void *data, size_t n)
{
	size_t room = sodium_base64_encoded_len(n, sodium_base64_VARIANT_ORIGINAL);
	char *out = arena_alloc(mem, room);

	return sodium_bin2base64(out, room, data, n, sodium_base64_VARIANT_ORIGINAL);
}

char *secret_sign(struct arena *mem, const char *key, const char *text)
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, (const unsigned char *)key, strlen(key));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, strlen(text));
	crypto_auth_hmacsha256_final(&state, mac);
	return secret_base64(mem, mac, sizeof mac);
}

char *secret_hash(struct arena *mem, const void *data, size_t n)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, data, n);
	return hex(mem, hash, sizeof hash);
}

void secret_sha_start(struct secret_sha *h)
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	memcpy(h->state, &state, sizeof state);
}

void secret_sha_add(struct secret_sha *h, const void *data, size_t n)
{
	crypto_hash_sha256_state state;

	memcpy(&state, h->state, sizeof state);
	crypto_hash_sha256_update(&state, data, n);
	memcpy(h->state, &state, sizeof state);
}

char *secret_sha_end(struct secret_sha *h, struct arena *mem)
{
	crypto_hash_sha256_state state;
	unsigned char hash[crypto_hash_sha256_BYTES];

	memcpy(&state, h->state, sizeof state);
	crypto_hash_sha256_final(&state, hash);
	return hex(mem, hash, sizeof hash);
}

/* A signal may end the waiting early, without a place. */
static void wait_for_place(void)
{
	while (sem_wait(&hashing) != 0 && errno == EINTR)
		;
}

char *secret_file(struct arena *mem, const char *path)
{
	enum { BLOCK = 64 * 1024 };
	unsigned char *block = arena_alloc(mem, BLOCK);
	struct secret_sha h;
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f)
		return NULL;
	secret_sha_start(&h);
	while ((n = fread(block, 1, BLOCK, f)) > 0)
		secret_sha_add(&h, block, n);

	bool ok = !ferror(f);

	fclose(f);
	return ok ? secret_sha_end(&h, mem) : NULL;
}

char *secret_password(struct arena *mem, const char *password)
{
	char *hash = arena_alloc(mem, crypto_pwhash_STRBYTES);

	wait_for_place();

	int result = crypto_pwhash_str(hash, password, strlen(password), PASSES, MEMORY);

	sem_post(&hashing);
	if (result != 0) {
		fprintf(stderr, "out of memory: hashing a password\n");
		abort();
	}
	return hash;
}

bool secret_password_ok(const char *hash, const char *password)
{
	/* What is no hash at all costs the same, so time does not tell who has one. */
	bool known = hash && text_starts(hash, crypto_pwhash_STRPREFIX);

	wait_for_place();

	int result = crypto_pwhash_str_verify(known ? hash : dummy, password, strlen(password));

	sem_post(&hashing);
	return known && result == 0;
}

bool secret_equal(const char *a, const char *b)
{
	size_t n = strlen(a);

	return strlen(b) == n && sodium_memcmp(a, b, n) == 0;
}
