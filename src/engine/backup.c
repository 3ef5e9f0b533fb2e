#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "base/date.h"
#include "base/secret.h"
#include "engine/engine_inner.h"

/*
 * A backup is a ZIP file: loudou.db, files/…, and manifest.json with the hash of
 * each, so that a damaged copy is found without restoring it.
 */

static bool say_why(struct arena *mem, const char **ret, const char *what, const char *why)
{
	*ret = fmt(mem, "%s: %s", what, why);
	return false;
}

static bool add_file(struct arena *mem, zip_t *zip, const char *path, const char *name,
                     struct json_writer *manifest)
{
	zip_source_t *source = zip_source_file(zip, path, 0, 0);
	const char *hash = secret_file(mem, path);

	if (!source || !hash ||
	    zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8) < 0) {
		if (source)
			zip_source_free(source);
		return false;
	}
	jw_key_any(manifest, name);
	jw_text(manifest, hash);
	return true;
}

/* files/ab/abcdef…: two levels, nothing else. */
static bool add_attachments(struct arena *mem, zip_t *zip, const char *data,
                            struct json_writer *manifest)
{
	const char *top = fmt(mem, "%s/files", data);
	DIR *outer = opendir(top);
	struct dirent *d;
	bool ok = true;

	while (ok && outer && (d = readdir(outer))) {
		DIR *inner = d->d_name[0] == '.' ? NULL : opendir(fmt(mem, "%s/%s", top, d->d_name));
		struct dirent *f;

		while (ok && inner && (f = readdir(inner)))
			if (f->d_name[0] != '.')
				ok = add_file(mem, zip, fmt(mem, "%s/%s/%s", top, d->d_name, f->d_name),
				              fmt(mem, "files/%s/%s", d->d_name, f->d_name), manifest);
		if (inner)
			closedir(inner);
	}
	if (outer)
		closedir(outer);
	return ok;
}

static bool add_manifest(zip_t *zip, const struct text *json)
{
	zip_source_t *source = zip_source_buffer(zip, json->s, json->len, 0);

	return source && zip_file_add(zip, "manifest.json", source, ZIP_FL_ENC_UTF_8) >= 0;
}

static bool durable(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

bool engine_backup(struct engine *e, struct arena *mem, const char *path, const char **ret_error)
{
	const char *copy = fmt(mem, "%s/temp/backup-%d.db", e->data, (int)getpid());
	const char *part = fmt(mem, "%s.part", path);
	const char *error = NULL;
	struct json_writer w;
	struct text manifest;
	int code = 0;

	if (e->kind != DB_SQLITE)
		return say_why(mem, ret_error, "PostgreSQL",
		               "use pg_dump for the rows and copy the directory files/ (docs/operating.md)");

	struct db *db = db_open(mem, e->url, DB_READ, &error);
	bool ok = db && db_backup(db, copy, NULL, NULL);

	if (!ok)
		say_why(mem, ret_error, e->url, db ? db_message(db) : error);
	if (db)
		db_close(db);
	if (!ok)
		return false;

	zip_t *zip = zip_open(part, ZIP_CREATE | ZIP_TRUNCATE, &code);

	text_init(&manifest, mem);
	jw_init(&w, &manifest);
	jw_object(&w);
	/* The rows were copied first: whatever they name is among the files by now. */
	ok = zip && add_file(mem, zip, copy, "loudou.db", &w) && add_attachments(mem, zip, e->data, &w);
	jw_object_end(&w);
	ok = ok && add_manifest(zip, &manifest) && zip_close(zip) == 0 && durable(part) &&
	     rename(part, path) == 0;
	if (!ok) {
		say_why(mem, ret_error, path, zip ? zip_strerror(zip) : strerror(errno));
		if (zip)
			zip_discard(zip);
		unlink(part);
	}
	unlink(copy);
	return ok;
}

/* Writes one entry to `to` (NULL: only hashes it). */
static bool extract(struct arena *mem, zip_t *zip, const char *name, const char *to,
                    const char **ret_hash)
{
	enum { BLOCK = 64 * 1024 };
	unsigned char *block = arena_alloc(mem, BLOCK);
	zip_file_t *f = zip_fopen(zip, name, 0);
	FILE *out = to ? fopen(to, "wbx") : NULL;
	struct secret_sha h;
	zip_int64_t n;
	bool ok = f && (!to || out);

	secret_sha_start(&h);
	while (ok && (n = zip_fread(f, block, BLOCK)) != 0) {
		ok = n > 0 && (!out || fwrite(block, 1, (size_t)n, out) == (size_t)n);
		if (ok)
			secret_sha_add(&h, block, (size_t)n);
	}
	if (f)
		ok &= zip_fclose(f) == 0;
	if (out)
		ok &= fflush(out) == 0 && fsync(fileno(out)) == 0 && fclose(out) == 0;
	*ret_hash = secret_sha_end(&h, mem);
	return ok;
}

static const struct json *read_manifest(struct arena *mem, zip_t *zip)
{
	enum { MOST = 256 * 1024 * 1024 };
	struct json_error error;
	zip_stat_t st;
	zip_file_t *f;
	char *s;

	if (zip_stat(zip, "manifest.json", 0, &st) != 0 || st.size > MOST)
		return NULL;
	s = arena_alloc(mem, st.size + 1);
	f = zip_fopen(zip, "manifest.json", 0);

	zip_int64_t n = f ? zip_fread(f, s, st.size) : -1;

	if (f)
		zip_fclose(f);
	return n == (zip_int64_t)st.size ? json_parse(mem, s, (size_t)n, &error) : NULL;
}

/* loudou.db, or files/ab/abcd… with nothing but hexadecimal digits: no way out of the directory. */
static bool safe_name(const char *name)
{
	const char *rest = text_starts(name, "files/") ? name + 6 : NULL;

	return text_eq(name, "loudou.db") ||
	       (rest && strspn(rest, "0123456789abcdef") == 2 && rest[2] == '/' &&
	        rest[3] && strspn(rest + 3, "0123456789abcdef") == strlen(rest + 3));
}

/* Checks every file of the copy, and puts it below `data` if there is one. */
static bool unpack(struct arena *mem, const char *path, const char *data, const char **ret_error)
{
	int code = 0;
	zip_t *zip = zip_open(path, ZIP_RDONLY, &code);
	const struct json *manifest = zip ? read_manifest(mem, zip) : NULL;
	bool ok = manifest && manifest->kind == JSON_OBJECT && manifest->first;

	if (!ok)
		say_why(mem, ret_error, path, "this is no backup of Loudou, or its beginning is damaged");
	for (const struct json *j = ok ? manifest->first : NULL; ok && j; j = j->next) {
		const char *to = data ? fmt(mem, "%s/%s", data, j->key) : NULL;
		const char *hash = NULL;

		if (data && text_starts(j->key, "files/"))
			mkdir(fmt(mem, "%s/%.8s", data, j->key), 0700);
		ok = safe_name(j->key) && j->kind == JSON_TEXT && extract(mem, zip, j->key, to, &hash) &&
		     text_eq(hash, j->text);
		if (!ok)
			say_why(mem, ret_error, j->key, "this file of the backup is missing or damaged");
	}
	if (zip)
		zip_discard(zip);
	return ok;
}

/* Empties and removes the directory of a trial restore: at most three levels. */
static void remove_tree(struct arena *mem, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *f;

	while (d && (f = readdir(d))) {
		const char *path = fmt(mem, "%s/%s", dir, f->d_name);

		if (!text_eq(f->d_name, ".") && !text_eq(f->d_name, "..") && unlink(path) != 0)
			remove_tree(mem, path);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

bool engine_restore(struct arena *mem, const char *path, const char *data, const char **ret_error)
{
	struct stat st;

	if (stat(fmt(mem, "%s/loudou.db", data), &st) == 0)
		return say_why(mem, ret_error, data, "there is a store here already; restore into an empty directory");
	if (mkdir(data, 0700) != 0 && errno != EEXIST)
		return say_why(mem, ret_error, data, strerror(errno));
	mkdir(fmt(mem, "%s/files", data), 0700);
	return unpack(mem, path, data, ret_error);
}

bool engine_backup_verify(struct arena *mem, const char *path, const char **ret_error)
{
	char dir[] = "/tmp/loudou-verify-XXXXXX";
	const char *error = NULL;
	bool ok = mkdtemp(dir) && engine_restore(mem, path, dir, ret_error);

	if (ok) {
		struct db *db = db_open(mem, fmt(mem, "%s/loudou.db", dir), DB_READ, &error);

		ok = db && db_integrity(db);
		if (!ok)
			say_why(mem, ret_error, "loudou.db", db ? db_message(db) : error);
		if (db)
			db_close(db);
	}
	remove_tree(mem, dir);
	return ok;
}
