#ifndef CONFITURE_BASE_COMPILER_H
#define CONFITURE_BASE_COMPILER_H

/* The few compiler words that the rest of the house uses. */
#define MUST_USE		__attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define NORETURN		__attribute__((noreturn))
#define UNUSED			__attribute__((unused))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
