#ifndef CONFITURE_BASE_BANNED_H
#define CONFITURE_BASE_BANNED_H

/*
 * Functions that overflow, lie about errors or keep hidden state. Included last by every .c file of
 * the house; tests/lint holds that. Use instead: text.h or snprintf for building strings, parse.h
 * for numbers, and the re-entrant forms of the time functions.
 */
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok
#pragma GCC poison atoi atol atoll atof localtime gmtime ctime asctime tmpnam tempnam mktemp

#endif
