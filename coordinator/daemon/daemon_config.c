/* What is made of a file of settings; their table is in shared/config/settings_coordinator.c. */
#include "coordinator/daemon/daemon_config.h"

#include <string.h>

#include "shared/base/parse.h"
#include "shared/net/address.h"

#include "shared/base/banned.h"

enum { SECRET_MIN = 16, LEASE_MIN_MS = 1000, LEASE_MAX_MS = 600000 };

static const char *
text_of(const struct node *root, const char *path)
{
	return setting_text(root, &settings_coordinator, path);
}

/* The walk has refused everything that is no number of the range. */
static int64_t
int_of(const struct node *root, const char *path)
{
	int64_t n = 0;

	(void)!parse_int(text_of(root, path), &n);
	return n;
}

static bool
wrong(struct settings_check *c, const struct node *root, const char *path, const char *what)
{
	const struct node *node = document_get(root, path);

	return setting_wrong(c, node != NULL ? node->line : 0, node != NULL ? node->column : 0,
			     path, what);
}

static bool
check_listen(struct settings_check *c, const struct node *root, struct daemon_config *out)
{
	struct net_address address;
	struct error why = {0};

	if (!net_address_parse(c->arena, out->listen, &address, &why))
		return wrong(c, root, "listen", why.message);
	if (address.tls)
		return wrong(c, root, "listen",
			     "begins with ws://: encryption is the task of a proxy in front of it");
	return address.loopback || out->insecure_bind ||
	       wrong(c, root, "listen",
		     "is an address that other machines reach without encryption; "
		     "insecure_bind: true allows it");
}

static bool
read_lease(struct settings_check *c, const struct node *root, int64_t *out)
{
	if (parse_duration_ms(text_of(root, "lease"), 1000, out) && *out >= LEASE_MIN_MS &&
	    *out <= LEASE_MAX_MS)
		return true;
	return wrong(c, root, "lease", "must be a duration from 1s to 10m");
}

static bool
read_copies(struct settings_check *c, const struct node *root, struct daemon_config *out)
{
	const int64_t most = INT64_C(365) * 24 * 3600 * 1000;

	out->copies_folder = text_of(root, "copies.folder");
	if (out->copies_folder != NULL && out->copies_folder[0] != '/')
		return wrong(c, root, "copies.folder", "must be a path from the root, /…");
	if (parse_duration_ms(text_of(root, "copies.every"), 1000, &out->copies_every_ms) &&
	    out->copies_every_ms >= 1000 && out->copies_every_ms <= most)
		return true;
	return wrong(c, root, "copies.every", "must be a duration from 1s to 365d");
}

/* Short secrets can be guessed through the proxy's port. */
static bool
read_proxy_secret(struct settings_check *c, const struct node *root, struct secret *out)
{
	static const char path[] = "proxy_secret_file";
	const struct node *node = document_get(root, path);
	const char *text;

	if (node == NULL)
		return true;
	if (!settings_secret_file(c, node, path, "secret", &text))
		return false;
	*out = secret_of(text);
	return strlen(text) >= SECRET_MIN ||
	       wrong(c, root, path,
		     arena_printf(c->arena, "%s must hold a line of at least %d characters",
				  node->text, SECRET_MIN));
}

static bool
read_values(struct settings_check *c, const struct node *root, struct daemon_config *out)
{
	*out = (struct daemon_config){
		.file = c->file,
		.listen = text_of(root, "listen"),
		.insecure_bind = setting_bool(root, &settings_coordinator, "insecure_bind"),
		.journal = text_of(root, "journal"),
		.retention_days = int_of(root, "retention_days"),
		.copies_keep = int_of(root, "copies.keep"),
		.connections = int_of(root, "limits.connections"),
		.requests = int_of(root, "limits.requests"),
		.requests_per_connection = int_of(root, "limits.requests_per_connection"),
		.open_jobs = int_of(root, "limits.open_jobs"),
		.open_jobs_per_agent = int_of(root, "limits.open_jobs_per_agent"),
		.intents_per_agent = int_of(root, "limits.intents_per_agent"),
		.file_bytes = int_of(root, "limits.file_bytes"),
		.files_bytes = int_of(root, "limits.files_bytes"),
	};
	if (out->journal[0] != '/')
		return wrong(c, root, "journal", "must be a path from the root, /…");
	return check_listen(c, root, out) && read_lease(c, root, &out->lease_ms) &&
	       read_copies(c, root, out) &&
	       log_level_named(text_of(root, "log.level"), &out->log_level) &&
	       log_format_named(text_of(root, "log.format"), &out->log_format) &&
	       read_proxy_secret(c, root, &out->proxy_secret);
}

static bool
read_document(struct settings_check *c, struct node *root)
{
	*root = (struct node){.kind = NODE_NULL};
	return c->file == NULL || (document_read(c->arena, c->file, root, c->err) &&
				   settings_check(c, &settings_coordinator, root));
}

bool
daemon_config_load(struct arena *arena, const char *file, struct daemon_config *out,
		   struct error *err)
{
	struct settings_check c = {arena, arena_str(arena, file), NULL, err};
	struct node root;

	return read_document(&c, &root) && read_values(&c, &root, out);
}

bool
daemon_config_print(struct arena *arena, const char *file, struct text *out, struct error *err)
{
	struct settings_check c = {arena, arena_str(arena, file), NULL, err};
	struct daemon_config ignored;
	struct node root;

	if (!read_document(&c, &root) || !read_values(&c, &root, &ignored))
		return false;
	if (file != NULL)
		settings_print_effective(out, &settings_coordinator, &root);
	else
		settings_print_sample(out, &settings_coordinator);
	return true;
}
