#ifndef CONFITURE_TESTS_NNG_ATTACK_H
#define CONFITURE_TESTS_NNG_ATTACK_H

enum { RAW_ATTACKS = 10 };

/*
 * One of the ways in which a peer can break off or say nonsense, number `how` modulo RAW_ATTACKS:
 * nothing at all, half an upgrade, half a frame, noise, a frame of 2^40 bytes, a wrong token, a
 * request that nobody waits for, noise behind the upgrade, an escaped path with and without
 * upgrade. `fd` is still open afterwards.
 */
void raw_attack(int fd, unsigned how, const char *token);

#endif
