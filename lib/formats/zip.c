#include "formats/zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "base/memory.h"

/* What libzip reads from: our file, with a place of its own. */
struct place {
    const struct pid_file *file;
    uint64_t at;
    zip_error_t error;
};

static zip_int64_t place_stat(const struct place *place, void *data, zip_uint64_t length)
{
    zip_stat_t *about = data;
    if (length < sizeof *about) return -1;
    zip_stat_init(about);
    about->size = place->file->size;
    about->valid |= ZIP_STAT_SIZE;
    return sizeof *about;
}

static zip_int64_t place_call(void *state, void *data, zip_uint64_t length, zip_source_cmd_t command)
{
    struct place *place = state;
    struct pid_error error;
    size_t got;
    switch (command) {
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR,
                                              ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS, -1);
    case ZIP_SOURCE_OPEN:
        place->at = 0;
        return 0;
    case ZIP_SOURCE_CLOSE:
        return 0;
    case ZIP_SOURCE_READ:
        if (pid_file_read(place->file, place->at, data, (size_t)length, &got, &error) != PID_OK) {
            zip_error_set(&place->error, ZIP_ER_READ, 0);
            return -1;
        }
        place->at += got;
        return (zip_int64_t)got;
    case ZIP_SOURCE_SEEK: {
        zip_int64_t to = zip_source_seek_compute_offset(place->at, place->file->size, data, length, &place->error);
        if (to < 0) return -1;
        place->at = (uint64_t)to;
        return 0;
    }
    case ZIP_SOURCE_TELL:
        return (zip_int64_t)place->at;
    case ZIP_SOURCE_STAT:
        return place_stat(place, data, length);
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&place->error, data, length);
    case ZIP_SOURCE_FREE:
        zip_error_fini(&place->error);
        free(place);
        return 0;
    default:
        zip_error_set(&place->error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

static zip_t *archive_open(const struct pid_file *file, struct pid_error *error)
{
    zip_error_t reason;
    zip_error_init(&reason);
    zip_t *archive = NULL;
    struct place *place = pid_array_new(1, sizeof *place, error);
    if (!place) return NULL;
    place->file = file;
    zip_error_init(&place->error);
    zip_source_t *source = zip_source_function_create(place_call, place, &reason);
    if (!source) free(place);
    else if (!(archive = zip_open_from_source(source, ZIP_RDONLY, &reason))) zip_source_free(source);
    if (!archive)
        pid_error_set(error, PID_ERROR_DATA, "%s: zip archive: %s: it is cut or corrupt; copy or write it again", file->name,
                      zip_error_strerror(&reason));
    zip_error_fini(&reason);
    return archive;
}

void pid_zip_names_free(char **names, size_t count)
{
    for (size_t i = 0; names && i < count; i++) free(names[i]);
    free(names);
}

char **pid_zip_names(struct pid_file *file, size_t *count, struct pid_error *error)
{
    zip_t *archive = archive_open(file, error);
    if (!archive) return NULL;
    size_t entries = (size_t)zip_get_num_entries(archive, 0);
    char **names = pid_array_new(entries, sizeof *names, error);
    *count = 0;
    while (names && *count < entries) {
        const char *name = zip_get_name(archive, *count, 0);
        names[*count] = pid_string_copy(name ? name : "", error);
        if (!names[*count]) {
            pid_zip_names_free(names, *count);
            names = NULL;
        } else {
            ++*count;
        }
    }
    zip_discard(archive);
    return names;
}

struct member {
    zip_t *archive;
    zip_file_t *file;
    zip_uint64_t number;
};

static enum pid_status member_read(struct pid_bytes *bytes, void *buffer, size_t wanted, size_t *got, struct pid_error *error)
{
    struct member *member = bytes->state;
    zip_int64_t count = zip_fread(member->file, buffer, wanted);
    if (count < 0)
        return pid_error_set(error, PID_ERROR_DATA, "%s: after byte %llu: %s: it is cut or corrupt; copy or write it again", bytes->name,
                             (unsigned long long)bytes->at, zip_file_strerror(member->file));
    *got = (size_t)count;
    return PID_OK;
}

static enum pid_status member_restart(struct pid_bytes *bytes, struct pid_error *error)
{
    struct member *member = bytes->state;
    if (member->file) zip_fclose(member->file);
    member->file = zip_fopen_index(member->archive, member->number, 0);
    if (member->file) return PID_OK;
    return pid_error_set(error, PID_ERROR_DATA, "%s: %s", bytes->name, zip_strerror(member->archive));
}

static void member_free(struct pid_bytes *bytes)
{
    struct member *member = bytes->state;
    if (!member) return;
    if (member->file) zip_fclose(member->file);
    if (member->archive) zip_discard(member->archive);
    free(member);
}

static enum pid_status member_open(struct pid_bytes *bytes, const char *name, struct pid_error *error)
{
    struct member *member = bytes->state = pid_array_new(1, sizeof *member, error);
    if (!member || !(member->archive = archive_open(bytes->file, error))) return error->status;
    zip_int64_t number = zip_name_locate(member->archive, name, 0);
    if (number < 0) return pid_error_set(error, PID_ERROR_DATA, "%s: has no member '%s'", bytes->file->name, name);
    member->number = (zip_uint64_t)number;
    char *full = pid_string_format(error, "%s: member '%s'", bytes->file->name, name);
    if (!full) return error->status;
    free(bytes->name);
    bytes->name = full;
    zip_stat_t about;
    if (zip_stat_index(member->archive, member->number, 0, &about) < 0 || !(about.valid & ZIP_STAT_SIZE))
        return pid_error_set(error, PID_ERROR_DATA, "%s: %s", bytes->name, zip_strerror(member->archive));
    bytes->size = about.size;
    return member_restart(bytes, error);
}

struct pid_bytes *pid_bytes_zip(struct pid_files *files, struct pid_file *file, const char *member, struct pid_error *error)
{
    static const struct pid_bytes_methods methods = {member_read, member_restart, member_free, false};
    struct pid_bytes *bytes = pid_bytes_new(files, file, error);
    if (!bytes) return NULL;
    bytes->methods = &methods;
    if (member_open(bytes, member, error) == PID_OK) return bytes;
    pid_bytes_free(bytes);
    return NULL;
}
