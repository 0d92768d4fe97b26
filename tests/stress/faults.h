/* faults.h: what the helper of the stress tests can do; each takes what follows its name and returns an exit status. */
#ifndef STRESS_FAULTS_H
#define STRESS_FAULTS_H

/** DIR N SEED: N mock items in DIR/folder, and what becomes of them in DIR/truth.tsv (name, status). */
int make_mock(int argc, char **argv);
/** DIR N TEXT: N small files in DIR, in folders of a thousand. */
int make_small(int argc, char **argv);
/** DIR N LIST: N names in DIR, in folders of a thousand; hard links to a few contents; their paths in LIST. */
int make_names(int argc, char **argv);
/** OUT FOLDER: the files of a folder in a zip. */
int make_zip(int argc, char **argv);

/** N: a VICS hash set of N entries, on stdout. */
int make_vics(int argc, char **argv);

/** DIR N SEED FOLDER...: N hostile files in DIR, in folders of a thousand, made out of the files of the folders. */
int make_mutants(int argc, char **argv);

/** OUT COMMAND...: runs it, samples the memory of its process group, writes NAME=KIB lines. The command's status. */
int watch_peak(int argc, char **argv);
/** PID HEX...: 0 if the process has one of these bytes in its memory, 1 if not, 2 where it cannot be read. */
int watch_search(int argc, char **argv);

/** ERRNO COMMAND...: runs it where seccomp(2) and its prctl fail with that error. */
int confine_seccomp(int argc, char **argv);
/** BYTES COMMAND...: runs it under RLIMIT_FSIZE. */
int confine_fsize(int argc, char **argv);

/** CASE N SEED: flips a bit in N bytes of journal and reports (0: in every byte), one at a time; each must be told. */
int flip_bits(int argc, char **argv);

#endif
