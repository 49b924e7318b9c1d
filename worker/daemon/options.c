/* The few options of the worker: one table that both the reader and --help walk. */
#include "worker/daemon/options.h"

#include <string.h>

#include "shared/base/parse.h"

#include "shared/base/banned.h"

struct option {
	const char *name, *value; /* value NULL: takes none */
	enum worker_action action;
	const char *meaning;
};

static const struct option options[] = {
	{"--config", "FILE", WORKER_RUN, "the settings [/etc/confiture/worker.yaml]"},
	{"--check-config", NULL, WORKER_CHECK, "read the settings, say what is wrong, and end"},
	{"--print-config", NULL, WORKER_PRINT, "show what holds, secrets as ***, and end"},
	{"--sample-config", NULL, WORKER_SAMPLE, "show a file to start from, and end"},
	{"--help", NULL, WORKER_HELP, "show this, and end"},
	{"--version", NULL, WORKER_VERSION, "show the version, and end"},
};

void
worker_options_help(FILE *out)
{
	fputs("Usage: confiture-worker [OPTION]...\n\n"
	      "Dials the coordinator, takes the jobs of its databases and runs them. It opens no "
	      "port.\n\n",
	      out);
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		const struct option *o = &options[i];
		char left[32];
		snprintf(left, sizeof(left), "%s%s%s", o->name, o->value ? " " : "",
			 o->value ? o->value : "");
		fprintf(out, "  %-18s %s\n", left, o->meaning);
	}
	fputs("\nSIGHUP reads the targets anew. SIGTERM takes no new job and waits for those that "
	      "run;\na second one cancels them.\n",
	      out);
}

static const struct option *
find(const char *arg, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (strlen(options[i].name) == len && memcmp(options[i].name, arg, len) == 0)
			return &options[i];
	}
	return NULL;
}

static bool
unknown(const char *arg, struct error *err)
{
	const char *names[ARRAY_LEN(options)];

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		names[i] = options[i].name;
	const char *meant = nearest_word(arg, names, ARRAY_LEN(options));
	error_set(err, E_USAGE_001, "unknown option %s%s%s%s", arg, meant ? "; did you mean " : "",
		  meant ? meant : "", meant ? "?" : "");
	error_hint(err, "confiture-worker --help");
	return false;
}

bool
worker_options_read(int argc, char **argv, struct worker_options *out, struct error *err)
{
	*out = (struct worker_options){.config = "/etc/confiture/worker.yaml"};
	for (int i = 1; i < argc; i++) {
		size_t len = strcspn(argv[i], "=");
		const char *value = argv[i][len] == '=' ? argv[i] + len + 1 : NULL;
		const struct option *o = find(argv[i], len);
		if (o == NULL)
			return unknown(argv[i], err);
		if (o->value == NULL && value != NULL)
			return error_set(err, E_USAGE_001, "%s takes no value", o->name);
		if (o->value == NULL) {
			out->action = o->action;
			continue;
		}
		if (value == NULL && i + 1 < argc)
			value = argv[++i];
		if (value == NULL || *value == '\0')
			return error_set(err, E_USAGE_001, "%s needs a value: %s %s", o->name,
					 o->name, o->value);
		out->config = value;
	}
	return true;
}
