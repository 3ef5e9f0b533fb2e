/*
 * secret: random numbers, hashes, passwords.  The only file that names the
 * cryptographic library.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/text.h"

/* Call once at start; false if the system has no random numbers. */
bool secret_start(void);

/* `bytes` of randomness as lower-case hex in the arena. */
char *secret_token(struct arena *mem, size_t bytes);
uint64_t secret_random(uint64_t below);            /* uniform, for ids and back-off */

/* SHA-256 (or BLAKE2b-256 for chains) as 64 hex digits. */
char *secret_hash(struct arena *mem, const void *data, size_t n);

/* Streaming SHA-256, for files. */
struct secret_sha { unsigned char state[256]; };
void secret_sha_start(struct secret_sha *h);
void secret_sha_add(struct secret_sha *h, const void *data, size_t n);
char *secret_sha_end(struct secret_sha *h, struct arena *mem);

/* SHA-256 of a file's bytes; NULL if it cannot be read. */
char *secret_file(struct arena *mem, const char *path);

/* Base64 of bytes; and of the HMAC-SHA256 of a text under a key. */
char *secret_base64(struct arena *mem, const void *data, size_t n);
char *secret_sign(struct arena *mem, const char *key, const char *text);

/* Argon2id, 19 MiB, 2 passes.  At most 4 run at once; more wait. */
char *secret_password(struct arena *mem, const char *password);
/* Same work for an unknown member: pass hash NULL, the answer is false. */
bool secret_password_ok(const char *hash, const char *password);

/* Comparison in constant time. */
bool secret_equal(const char *a, const char *b);

#endif
