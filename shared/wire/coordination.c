/* The descriptors of what agents tell each other. */
#include "shared/wire/coordination.h"

#include "shared/base/banned.h"

/* clang-format off */
#define RECORD_TYPE struct footprint_access
RECORD_DEFINE(footprint_access, "an object that SQL text touches")
#undef RECORD_TYPE

#define RECORD_TYPE struct unjudged
RECORD_DEFINE(unjudged, "a statement that nobody can see through")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_claim
RECORD_DEFINE(intent_claim, "the right to change one object")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent
RECORD_DEFINE(intent, "what an agent means to change")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_conflict
RECORD_DEFINE(intent_conflict, "two intents that are in each other's way")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_draft
RECORD_DEFINE(intent_draft, "an intent before it is registered")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_register
RECORD_DEFINE(intent_register, "asks that an intent be kept")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_registered
RECORD_DEFINE(intent_registered, "an intent as it was kept, with what is in its way")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_check
RECORD_DEFINE(intent_check, "asks what an intent would conflict with")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_checked
RECORD_DEFINE(intent_checked, "what an intent would conflict with")
#undef RECORD_TYPE

#define RECORD_TYPE struct claim_wait
RECORD_DEFINE(claim_wait, "keeps a place in the queue")
#undef RECORD_TYPE

#define RECORD_TYPE struct landed_file
RECORD_DEFINE(landed_file, "a migration file that landed")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_move
RECORD_DEFINE(intent_move, "asks that an intent change its state")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_show
RECORD_DEFINE(intent_show, "asks for one intent")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_shown
RECORD_DEFINE(intent_shown, "an intent with its conflicts")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_list_request
RECORD_DEFINE(intent_list_request, "asks for intents")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_list
RECORD_DEFINE(intent_list, "intents")
#undef RECORD_TYPE

#define RECORD_TYPE struct conflicted_list_request
RECORD_DEFINE(conflicted_list_request, "asks for conflicted intents")
#undef RECORD_TYPE

#define RECORD_TYPE struct conflicted_intent
RECORD_DEFINE(conflicted_intent, "an intent with what is in its way")
#undef RECORD_TYPE

#define RECORD_TYPE struct conflicted_list
RECORD_DEFINE(conflicted_list, "intents that are conflicted")
#undef RECORD_TYPE

#define RECORD_TYPE struct conflict_resolve
RECORD_DEFINE(conflict_resolve, "says that a conflict was looked at")
#undef RECORD_TYPE

#define RECORD_TYPE struct conflict_resolved
RECORD_DEFINE(conflict_resolved, "a conflict that was looked at")
#undef RECORD_TYPE

#define RECORD_TYPE struct claim_list_request
RECORD_DEFINE(claim_list_request, "asks who holds what")
#undef RECORD_TYPE

#define RECORD_TYPE struct held_claim
RECORD_DEFINE(held_claim, "a claim and who holds it")
#undef RECORD_TYPE

#define RECORD_TYPE struct claim_waiter
RECORD_DEFINE(claim_waiter, "an intent in the queue")
#undef RECORD_TYPE

#define RECORD_TYPE struct claim_list
RECORD_DEFINE(claim_list, "who holds what, who waits for whom")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_event
RECORD_DEFINE(intent_event, "something that happened to an intent")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_history
RECORD_DEFINE(intent_history, "asks what happened to an intent")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_watch
RECORD_DEFINE(intent_watch, "asks what happens")
#undef RECORD_TYPE

#define RECORD_TYPE struct intent_events
RECORD_DEFINE(intent_events, "what happened to intents")
#undef RECORD_TYPE

#define RECORD_TYPE struct version_reserve
RECORD_DEFINE(version_reserve, "asks for the version of a new migration")
#undef RECORD_TYPE

#define RECORD_TYPE struct version_reserved
RECORD_DEFINE(version_reserved, "a version that nobody else gets")
#undef RECORD_TYPE
/* clang-format on */

#define RECORD_TYPE struct registry_move
RECORD_DEFINE(registry_move, "a move of an intent in a registry of the Python tool")
#undef RECORD_TYPE

#define RECORD_TYPE struct registry_intent
RECORD_DEFINE(registry_intent, "an intent in a registry of the Python tool")
#undef RECORD_TYPE

#define RECORD_TYPE struct registry_import
RECORD_DEFINE(registry_import, "brings intents of a registry of the Python tool")
#undef RECORD_TYPE

#define RECORD_TYPE struct registry_left
RECORD_DEFINE(registry_left, "an intent that was not taken")
#undef RECORD_TYPE

#define RECORD_TYPE struct registry_imported
RECORD_DEFINE(registry_imported, "what became of them")
#undef RECORD_TYPE
