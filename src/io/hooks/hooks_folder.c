/* SPDX-License-Identifier: ISC */
/* Reads the folder of hooks, and remembers what it reported of each. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "io/hooks/hooks_parts.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/path_error.h"
#include "base/sealed.h"
#include "base/text.h"
#include "base/trust.h"

#define MAX_HOOKS 64

void
hook_say(struct hook *hook, enum hook_fault fault, const char *fmt, ...)
{
	char name[80], text[320];
	va_list ap;

	if (hook->said & (1u << fault))
		return;
	hook->said |= 1u << fault;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_warning("hook %s: %s",
	    text_escape(name, sizeof(name), hook->name, strlen(hook->name)),
	    text);
}

static void
say_folder(struct hook_folder *folder, const char *what)
{
	if (!folder->said)
		log_warning("hooks: %s: %s", folder->path, what);
	folder->said = true;
}

static int
compare_names(const struct hook *a, const struct hook *b)
{
	return strcmp(a->name, b->name);
}

static struct hook *
get_hook(struct hook_folder *folder, const char *name)
{
	char *path = xasprintf("%s/%s", folder->path, name);
	unsigned count = 0;
	struct hook *hook;

	DL_FOREACH (folder->hooks, hook) {
		if (strcmp(hook->path, path) == 0) {
			free(path);
			return hook;
		}
		count++;
	}
	if (count >= MAX_HOOKS) {
		say_folder(folder, "so many files; some are left out");
		free(path);
		return NULL;
	}
	hook = xcalloc(1, sizeof(*hook));
	hook->name = xstrdup(name);
	hook->path = path;
	DL_INSERT_INORDER(folder->hooks, hook, compare_names);
	return hook;
}

/* Return true if the hook may be run, else why not. */
static bool
may_run(const char *path, const struct stat *file, struct error *err)
{
	if (!trust_check(file, path, err))
		return error_prefix(err, "not run");
	if (!trust_may_run(file))
		return error_set(err, EACCES,
		    "not run: it is not executable (chmod +x, or move it "
		    "away)");
	return true;
}

/* Say why a name in the folder leads to no file. */
static void
explain_missing(const char *path, struct error *err)
{
	if (errno == ENOENT)
		error_set(err, ENOENT,
		    "this link leads nowhere; correct it, or move it away");
	else
		path_error(err, errno, path);
	error_prefix(err, "not run");
}

/*
 * Look at a name of the folder.  False: it is no hook, but a folder, or what an
 * editor left behind.  is_fit: the hook may be run; otherwise why not.
 */
static bool
judge(int dir, const char *name, const char *path, struct stat *file,
    bool *is_fit, struct error *err)
{
	bool is_there;

	*file = (struct stat){ 0 };
	if (name[0] == '.' || name[strlen(name) - 1] == '~')
		return false;
	is_there = fstatat(dir, name, file, 0) == 0;
	if (!is_there)
		explain_missing(path, err);
	else if (!S_ISREG(file->st_mode))
		return false;
	*is_fit = is_there && may_run(path, file, err);
	return true;
}

static void
note_hook(struct hook_folder *folder, const char *name, const struct stat *file,
    bool is_fit, const struct error *err)
{
	struct hook *hook = get_hook(folder, name);

	if (hook == NULL)
		return;
	if (!sealed_same_file(&hook->file, file))
		hook->said &= 1u << HOOK_UNFIT;
	hook->file = *file;
	hook->listed = true;
	hook->is_fit = is_fit;
	if (!hook->is_fit)
		hook_say(hook, HOOK_UNFIT, "%s", err->text);
	else
		hook->said &= ~(1u << HOOK_UNFIT);
}

static void
look_at(struct hook_folder *folder, int dir, const char *name)
{
	char *path = xasprintf("%s/%s", folder->path, name);
	struct error err;
	struct stat file;
	bool is_fit;

	if (judge(dir, name, path, &file, &is_fit, &err))
		note_hook(folder, name, &file, is_fit, &err);
	free(path);
}

static void
hook_free(struct hook_folder *folder, struct hook *hook)
{
	DL_DELETE(folder->hooks, hook);
	free(hook->name);
	free(hook->path);
	free(hook);
}

/* Forget hooks that are no longer in the folder. */
static void
sweep(struct hook_folder *folder)
{
	struct hook *hook, *next;

	DL_FOREACH_SAFE (folder->hooks, hook, next)
		if (!hook->listed && hook->pending == 0)
			hook_free(folder, hook);
}

/* Open the folder.  Returns NULL and an error, ENOENT if it does not exist. */
static DIR *
open_folder(const char *path, struct error *err)
{
	DIR *dir = trust_folder(path, err) ? opendir(path) : NULL;

	if (dir == NULL && err->code == 0)
		path_error(err, errno, path);
	return dir;
}

static void
add_unfit(int dir, const char *folder, const char *name, struct problems *out)
{
	char *path = xasprintf("%s/%s", folder, name);
	char shown[80];
	struct error err;
	struct stat file;
	bool is_fit;

	if (judge(dir, name, path, &file, &is_fit, &err) && !is_fit)
		problems_add(out, "hook %s: %s",
		    text_escape(shown, sizeof(shown), name, strlen(name)),
		    err.text);
	free(path);
}

void
hooks_find_unfit(const char *path, struct problems *out)
{
	struct error err = { 0 };
	DIR *dir = open_folder(path, &err);
	const struct dirent *entry;

	if (dir == NULL) {
		if (err.code != ENOENT && !trust_is_blind(&err))
			problems_add(out, "no hook is run: %s", err.text);
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		add_unfit(dirfd(dir), path, entry->d_name, out);
	closedir(dir);
}

bool
hooks_check(const char *path, struct error *err)
{
	return trust_folder(path, err) || err->code == ENOENT;
}

static void
read_folder(struct hook_folder *folder)
{
	struct error err = { 0 };
	DIR *dir = open_folder(folder->path, &err);
	const struct dirent *entry;

	if (dir == NULL && err.code == ENOENT) {
		folder->said = false;
	} else if (dir == NULL) {
		error_prefix(&err, "no hook is run");
		say_folder(folder, err.text);
	} else {
		while ((entry = readdir(dir)) != NULL)
			look_at(folder, dirfd(dir), entry->d_name);
		closedir(dir);
	}
}

/*
 * Return true if the folder had no hook and has not changed.  Each change of a
 * device asks this, and most users have no hook.
 */
static bool
is_empty_still(const struct hook_folder *folder)
{
	struct stat st;

	return folder->hooks == NULL && folder->empty.st_ino != 0 &&
	    stat(folder->path, &st) == 0 &&
	    sealed_same_file(&st, &folder->empty);
}

/*
 * Remember the folder as empty, with the mtime from before the scan, so that a
 * change during it is seen.
 */
static void
note_empty(struct hook_folder *folder, const struct stat *before)
{
	bool is_sure =
	    folder->hooks == NULL && !folder->said && sealed_is_settled(before);

	folder->empty = is_sure ? *before : (struct stat){ 0 };
}

bool
hook_folder_read(struct hook_folder *folder)
{
	struct stat before;
	struct hook *hook;
	bool any = false;

	if (is_empty_still(folder))
		return false;
	if (stat(folder->path, &before) != 0)
		before = (struct stat){ 0 };
	DL_FOREACH (folder->hooks, hook)
		hook->listed = hook->is_fit = false;
	read_folder(folder);
	sweep(folder);
	note_empty(folder, &before);
	DL_FOREACH (folder->hooks, hook)
		any = any || (hook->listed && hook->is_fit);
	return any;
}

void
hook_folder_set(struct hook_folder *folder, const char *path)
{
	struct hook *hook;

	free(folder->path);
	folder->path = xstrdup(path);
	folder->said = false;
	folder->empty = (struct stat){ 0 };
	DL_FOREACH (folder->hooks, hook)
		hook->said = 0;
}

void
hook_folder_fini(struct hook_folder *folder)
{
	struct hook *hook, *next;

	DL_FOREACH_SAFE (folder->hooks, hook, next)
		hook_free(folder, hook);
	free(folder->path);
}
