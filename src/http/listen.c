#include "http/listen.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "http/wire.h"

enum {
	BACKLOG = 1024,
	FEWEST = 16,                    /* connections, however few files there are */
	UPLOAD_AGE = 3600,              /* s; older uploads are left from a crash */
};

static char *read_text(struct arena *mem, const char *path, const char **ret_error)
{
	FILE *f = fopen(path, "re");
	struct text t;
	char part[4096];
	size_t n;

	if (!f) {
		*ret_error = fmt(mem, "%s: %s", path, strerror(errno));
		return NULL;
	}
	text_init(&t, mem);
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		text_addn(&t, part, n);
	fclose(f);
	return t.s;
}

static gnutls_datum_t datum(char *s)
{
	union {
		char *in;
		unsigned char *out;
	} u = { .in = s };

	return (gnutls_datum_t){ u.out, (unsigned)strlen(s) };
}

bool listen_tls(struct arena *mem, const struct server_options *o, struct tls *ret_tls,
                     const char **ret_error)
{
	gnutls_certificate_credentials_t credentials;

	if (!o->tls_cert)
		return true;
	if (!o->tls_key) {
		*ret_error = "a TLS certificate needs its key";
		return false;
	}
	if (!(ret_tls->cert = read_text(mem, o->tls_cert, ret_error)) ||
	    !(ret_tls->key = read_text(mem, o->tls_key, ret_error)))
		return false;

	gnutls_datum_t cert = datum(ret_tls->cert);
	gnutls_datum_t key = datum(ret_tls->key);

	gnutls_certificate_allocate_credentials(&credentials);

	int result = gnutls_certificate_set_x509_key_mem(credentials, &cert, &key,
	                                                 GNUTLS_X509_FMT_PEM);

	gnutls_certificate_free_credentials(credentials);
	if (result < 0)
		*ret_error = fmt(mem, "%s, %s: %s", o->tls_cert, o->tls_key,
		                 gnutls_strerror(result));
	return result >= 0;
}

/* IPv4 has its port in the same place. */
int listen_port(int fd)
{
	struct sockaddr_in6 at = { 0 };
	socklen_t n = sizeof at;

	getsockname(fd, &at, &n);
	return ntohs(at.sin6_port);
}

static int bind_to(const struct addrinfo *a)
{
	const int on = 1, off = 0;
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (a->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;

	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

int listen_open(struct arena *mem, const char *where, const char **ret_error)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
	};
	struct addrinfo *found;
	char *host, *port;

	if (!where || !wire_listen(mem, where, &host, &port)) {
		*ret_error = fmt(mem, "cannot listen at \"%s\": write 127.0.0.1:8080 or [::]:8080",
		                 where ? where : "");
		return -1;
	}

	int result = getaddrinfo(host, port, &hints, &found);

	if (result != 0) {
		*ret_error = fmt(mem, "cannot listen at %s: %s", where, gai_strerror(result));
		return -1;
	}

	int fd = bind_to(found);

	if (fd < 0)
		*ret_error = fmt(mem, "cannot listen at %s: %s", where, strerror(errno));
	freeaddrinfo(found);
	return fd;
}

/* Raises the limit of open files as far as needed; returns how many connections fit. */
int listen_fit(int connections, int others)
{
	struct rlimit files;
	rlim_t need = (rlim_t)(connections + others);

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= need)
		return connections;
	files.rlim_cur = files.rlim_max < need ? files.rlim_max : need;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur >= need)
		return connections;

	int fit = (int)files.rlim_cur - others;

	log_line(LOG_WARN, "server", "reason", "fewer connections: the limit of open files is low",
	         NULL);
	return fit > FEWEST ? fit : FEWEST;
}

/* Uploads whose server died before it could remove them. */
void listen_sweep(const char *temp)
{
	DIR *dir = temp ? opendir(temp) : NULL;
	struct stat st;

	if (!dir)
		return;
	for (struct dirent *e = readdir(dir); e; e = readdir(dir))
		if (text_starts(e->d_name, "upload-") &&
		    fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && time(NULL) - st.st_mtime > UPLOAD_AGE)
			unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
}
