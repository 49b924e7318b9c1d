/* The table of effects_forms.h as data, and the words of its columns. */
#include "shared/base/compiler.h"
#include "shared/sql/effects_forms.h"

#include "shared/base/banned.h"

/* The short names of the table. */
#define LOCK_NONE SQL_LOCK_NONE
#define LOCK_AS	  SQL_LOCK_ACCESS_SHARE
#define LOCK_RS	  SQL_LOCK_ROW_SHARE
#define LOCK_RE	  SQL_LOCK_ROW_EXCLUSIVE
#define LOCK_SUE  SQL_LOCK_SHARE_UPDATE_EXCLUSIVE
#define LOCK_S	  SQL_LOCK_SHARE
#define LOCK_SRE  SQL_LOCK_SHARE_ROW_EXCLUSIVE
#define LOCK_EX	  SQL_LOCK_EXCLUSIVE
#define LOCK_AE	  SQL_LOCK_ACCESS_EXCLUSIVE

#define ALL(role, lock, rewrite, scan)                                                             \
	{                                                                                          \
		SQL_ROLE_##role, LOCK_##lock, LOCK_##lock, SQL_##rewrite, SQL_##scan, NULL, true   \
	}
#define IF(role, lock, rewrite, scan, why)                                                         \
	{                                                                                          \
		SQL_ROLE_##role, LOCK_##lock, LOCK_##lock, SQL_##rewrite, SQL_##scan, why, true    \
	}
#define MAY(role, lock, rewrite, scan, why)                                                        \
	{                                                                                          \
		SQL_ROLE_##role, LOCK_NONE, LOCK_##lock, SQL_##rewrite, SQL_##scan, why, true      \
	}

#define UPTO(role, least, lock, rewrite, scan, why)                                                \
	{                                                                                          \
		SQL_ROLE_##role, LOCK_##least, LOCK_##lock, SQL_##rewrite, SQL_##scan, why, true   \
	}

#define RULES(...) .rules = {__VA_ARGS__}
#define FORM(id, text, waits_long, ...)                                                            \
	{.words = (text), .waits = (waits_long), RULES(__VA_ARGS__)},
static const struct sql_form forms[] = {SQL_FORMS(FORM)};
#undef FORM

#define WORDS(id, text) text,
static const char *const locks[] = {SQL_LOCKS(WORDS)};
#undef WORDS
#define ROLE(id, text, when) {(text), (when)},
static const struct {
	const char *text, *when;
} roles[] = {SQL_ROLES(ROLE)};
#undef ROLE

size_t
sql_form_count(void)
{
	return ARRAY_LEN(forms);
}

const struct sql_form *
sql_form_at(size_t index)
{
	return &forms[index];
}

const char *
sql_rule_depends(const struct sql_rule *rule)
{
	if (rule->depends != NULL)
		return rule->depends;
	return rule->least != rule->lock ? roles[rule->role].when : NULL;
}

const char *
sql_lock_words(enum sql_lock lock)
{
	return locks[lock];
}

const char *
sql_role_words(enum sql_role role)
{
	return roles[role].text;
}

bool
sql_lock_stops_reads(enum sql_lock lock)
{
	return lock == SQL_LOCK_ACCESS_EXCLUSIVE;
}

bool
sql_lock_stops_writes(enum sql_lock lock)
{
	return lock >= SQL_LOCK_SHARE;
}
