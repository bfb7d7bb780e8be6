/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "io/hooks_parts.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/sealed.h"
#include "base/text.h"

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

/* Why it must not be run, or NULL. */
static const char *
find_fault(int dir, const char *name, const struct stat *file)
{
	if (file->st_mode & S_IWOTH)
		return "not run: everybody may write to it (chmod o-w)";
	if (faccessat(dir, name, X_OK, AT_EACCESS) != 0)
		return "not run: it is not executable (chmod +x, or move it "
		       "away)";
	return NULL;
}

static void
look_at(struct hook_folder *folder, int dir, const char *name)
{
	struct stat file = { 0 };
	bool is_there = fstatat(dir, name, &file, 0) == 0;
	const char *fault = strerror(errno);
	struct hook *hook;

	/* Folders, and what editors leave behind. */
	if ((is_there && !S_ISREG(file.st_mode)) || name[0] == '.' ||
	    name[strlen(name) - 1] == '~')
		return;
	hook = get_hook(folder, name);
	if (hook == NULL)
		return;
	if (!sealed_same_file(&hook->file, &file))
		hook->said &= 1u << HOOK_UNFIT;
	hook->file = file;
	hook->listed = true;
	if (is_there)
		fault = find_fault(dir, name, &file);
	hook->is_fit = fault == NULL;
	if (fault != NULL)
		hook_say(hook, HOOK_UNFIT, "%s", fault);
	else
		hook->said &= ~(1u << HOOK_UNFIT);
}

static void
hook_free(struct hook_folder *folder, struct hook *hook)
{
	DL_DELETE(folder->hooks, hook);
	free(hook->name);
	free(hook->path);
	free(hook);
}

/* Forget those that are gone. */
static void
sweep(struct hook_folder *folder)
{
	struct hook *hook, *next;

	DL_FOREACH_SAFE (folder->hooks, hook, next)
		if (!hook->listed && hook->pending == 0)
			hook_free(folder, hook);
}

static bool
is_safe(struct hook_folder *folder, DIR *dir)
{
	struct stat st;

	if (fstat(dirfd(dir), &st) == 0 && !(st.st_mode & S_IWOTH))
		return true;
	say_folder(folder,
	    "no hook is run: everybody may write to this folder (chmod o-w)");
	return false;
}

static void
read_folder(struct hook_folder *folder)
{
	DIR *dir = opendir(folder->path);
	const struct dirent *entry;

	if (dir == NULL && errno != ENOENT)
		say_folder(folder, strerror(errno));
	else if (dir == NULL)
		folder->said = false;
	else if (is_safe(folder, dir))
		while ((entry = readdir(dir)) != NULL)
			look_at(folder, dirfd(dir), entry->d_name);
	if (dir != NULL)
		closedir(dir);
}

void
hook_folder_read(struct hook_folder *folder)
{
	struct hook *hook;

	DL_FOREACH (folder->hooks, hook)
		hook->listed = hook->is_fit = false;
	read_folder(folder);
	sweep(folder);
}

void
hook_folder_set(struct hook_folder *folder, const char *path)
{
	struct hook *hook;

	free(folder->path);
	folder->path = xstrdup(path);
	folder->said = false;
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
