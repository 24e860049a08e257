/* One dataset as an array, in the process that libhdf5 runs in. */
#include "formats/hdf5_internal.h"

#ifdef HAVE_HDF5

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/apart.h"
#include "formats/coder.h"
#include "formats/text.h"

enum {
    BUFFER_BYTES = 1 << 18,
    MATLAB_BUFFER_BYTES = 1 << 22, /* a row lies all over the dataset: many are read at a time */
    CLASS_BYTES = 32,
};

struct hdf5 {
    const char *name;          /* for messages */
    hid_t file, dataset, space;
    hid_t memory;              /* the type that elements are read as */
    struct pid_scalar element; /* the same; texts of variable length are pointers, and have no such */
    bool variable_text, spaces;
    bool matlab;               /* the axes of the dataset stand in reverse */
    size_t axes;               /* of the dataset */
    float *columns;            /* as many as fit the buffer, where that holds no float32 */
    unsigned char *buffer;
    size_t buffer_bytes;
};

static enum pid_status wrong(const char *name, const char *what, struct pid_error *error)
{
    return pid_error_set(error, PID_ERROR_DATA, "%s: %s", name, what);
}

/* The part of the dataset that rows first .. first+count-1 are, to `out`; where MATLAB wrote it, one column behind the other. */
static enum pid_status read_rows(const struct pid_array *array, uint64_t first, uint64_t count, void *out, struct pid_error *error)
{
    const struct hdf5 *hdf5 = array->state;
    hsize_t start[PID_ARRAY_AXES] = {0}, size[PID_ARRAY_AXES];
    size_t last = hdf5->axes - 1, rows_axis = hdf5->matlab ? last : 0;
    for (size_t axis = 0; axis <= last; axis++) {
        size_t in_array = hdf5->matlab ? last - axis : axis;
        size[axis] = in_array < array->axes ? array->shape[in_array] : 1;
    }
    start[rows_axis] = first;
    size[rows_axis] = count;
    pid_apart_progress();
    hid_t memory = H5Screate_simple((int)hdf5->axes, size, NULL);
    bool right = memory >= 0 && H5Sselect_hyperslab(hdf5->space, H5S_SELECT_SET, start, NULL, size, NULL) >= 0 &&
                 H5Dread(hdf5->dataset, hdf5->memory, memory, hdf5->space, H5P_DEFAULT, out) >= 0;
    if (memory >= 0) H5Sclose(memory);
    if (right) return PID_OK;
    return pid_error_set(error, PID_ERROR_DATA, "%s: cannot be read at row %llu: it is cut, corrupt or compressed by a filter that is not installed",
                         array->name, (unsigned long long)first);
}

static size_t buffer_rows(const struct pid_array *array)
{
    const struct hdf5 *hdf5 = array->state;
    return hdf5->buffer_bytes / (array->width * hdf5->element.size);
}

static void put_columns(const struct pid_array *array, const float *columns, size_t count, float *out)
{
    for (uint64_t number = 0; number < array->width; number++, columns += count) {
        float *to = out + pid_array_place(array, number);
        for (size_t row = 0; row < count; row++) to[row * array->width] = columns[row];
    }
}

static enum pid_status hdf5_rows(struct pid_array *array, uint64_t first, size_t count, float *out, struct pid_error *error)
{
    const struct hdf5 *hdf5 = array->state;
    if (array->kind == PID_ARRAY_TEXT) return wrong(array->name, "holds text, not numbers: it can be a category only", error);
    if (count == 0) return PID_OK;
    bool native = pid_scalar_is_native(hdf5->element);
    if (native && !hdf5->matlab) return read_rows(array, first, count, out, error);
    size_t room = buffer_rows(array);
    for (size_t done = 0; done < count;) {
        size_t part = count - done < room ? count - done : room;
        enum pid_status status = read_rows(array, first + done, part, hdf5->buffer, error);
        if (status != PID_OK) return status;
        float *to = out + done * array->width, *converted = hdf5->matlab ? hdf5->columns : to;
        if (!native) pid_scalar_to_float(hdf5->element, hdf5->buffer, part * array->width, converted);
        if (hdf5->matlab) put_columns(array, native ? (const float *)(const void *)hdf5->buffer : converted, part, to);
        done += part;
    }
    return PID_OK;
}

/* The codes of `count` pointers to texts, which are given back to libhdf5. */
static enum pid_status pointer_codes(const struct hdf5 *hdf5, size_t count, struct pid_levels *levels, uint32_t *codes, size_t *done,
                                     struct pid_error *error)
{
    char **texts = (char **)(void *)hdf5->buffer;
    enum pid_status status = PID_OK;
    for (*done = 0; *done < count && status == PID_OK; *done += status == PID_OK) {
        const char *text = texts[*done] ? texts[*done] : "";
        size_t length = strlen(text);
        if (!pid_text_is_utf8(text, length)) status = pid_error_set(error, PID_ERROR_DATA, "its text is not valid UTF-8");
        else status = pid_levels_add(levels, text, length, &codes[*done], error);
    }
    hsize_t size = count;
    hid_t space = H5Screate_simple(1, &size, NULL);
    H5Dvlen_reclaim(hdf5->memory, space, H5P_DEFAULT, texts);
    H5Sclose(space);
    return status;
}

/* Texts that are filled up with spaces get NULs instead. */
static void cut_spaces(const struct hdf5 *hdf5, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned char *text = hdf5->buffer + i * hdf5->element.size;
        for (size_t at = hdf5->element.size; at-- > 0 && (text[at] == ' ' || text[at] == '\0');) text[at] = '\0';
    }
}

static enum pid_status hdf5_codes(struct pid_array *array, uint64_t first, size_t count, struct pid_levels *levels, uint32_t *codes,
                                  struct pid_error *error)
{
    const struct hdf5 *hdf5 = array->state;
    size_t room = buffer_rows(array), done = 0;
    struct pid_coder coder;
    enum pid_status status = pid_coder_init(&coder, hdf5->element, levels, error);
    for (size_t taken = 0; taken < count && status == PID_OK;) {
        size_t part = count - taken < room ? count - taken : room;
        status = read_rows(array, first + taken, part, hdf5->buffer, error);
        if (status != PID_OK) break;
        if (hdf5->spaces) cut_spaces(hdf5, part);
        status = hdf5->variable_text ? pointer_codes(hdf5, part, levels, codes + taken, &done, error)
                                     : pid_coder_codes(&coder, hdf5->element, hdf5->buffer, part, codes + taken, &done, error);
        if (status != PID_OK) pid_error_prefix(error, "%s: row %llu", array->name, (unsigned long long)(first + taken + done));
        taken += part;
    }
    pid_coder_release(&coder);
    return status;
}

static enum pid_status hdf5_integers(struct pid_array *array, int64_t *out, struct pid_error *error)
{
    const struct hdf5 *hdf5 = array->state;
    size_t room = buffer_rows(array);
    if (array->kind != PID_ARRAY_WHOLE) return wrong(array->name, "does not hold integers", error);
    for (uint64_t row = 0; row < array->rows;) {
        size_t part = array->rows - row < room ? (size_t)(array->rows - row) : room;
        enum pid_status status = read_rows(array, row, part, hdf5->buffer, error);
        if (status != PID_OK) return status;
        pid_scalar_to_integers(hdf5->element, hdf5->buffer, part, out + row);
        row += part;
    }
    return PID_OK;
}

static void hdf5_release(struct hdf5 *hdf5)
{
    if (hdf5->memory > 0) H5Tclose(hdf5->memory);
    if (hdf5->space > 0) H5Sclose(hdf5->space);
    if (hdf5->dataset > 0) H5Dclose(hdf5->dataset);
    if (hdf5->file > 0) H5Fclose(hdf5->file);
    free(hdf5->columns);
    free(hdf5->buffer);
    free(hdf5);
}

static void hdf5_free(struct pid_array *array)
{
    if (array->state) hdf5_release(array->state);
}

static bool choose_integer(struct hdf5 *hdf5, bool negative_possible, size_t size)
{
    const hid_t with_sign[] = {H5T_NATIVE_INT8, H5T_NATIVE_INT16, H5T_NATIVE_INT32, H5T_NATIVE_INT64};
    const hid_t without[] = {H5T_NATIVE_UINT8, H5T_NATIVE_UINT16, H5T_NATIVE_UINT32, H5T_NATIVE_UINT64};
    int power = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : size == 8 ? 3 : -1;
    if (power < 0) return false;
    hdf5->memory = H5Tcopy(negative_possible ? with_sign[power] : without[power]);
    hdf5->element = (struct pid_scalar){negative_possible ? PID_SCALAR_SIGNED : PID_SCALAR_UNSIGNED, size, false};
    return true;
}

/* A truth value, as h5py writes it, is an enumeration of FALSE and TRUE. */
static bool is_truth(hid_t type)
{
    if (H5Tget_size(type) != 1 || H5Tget_nmembers(type) != 2) return false;
    char *name = H5Tget_member_name(type, 0);
    bool truth = name && !strcmp(name, "FALSE");
    H5free_memory(name);
    return truth;
}

static bool choose_text(struct hdf5 *hdf5, hid_t type)
{
    hdf5->memory = H5Tcopy(type);
    hdf5->variable_text = H5Tis_variable_str(type) > 0;
    hdf5->spaces = !hdf5->variable_text && H5Tget_strpad(type) == H5T_STR_SPACEPAD;
    hdf5->element = (struct pid_scalar){PID_SCALAR_BYTES, hdf5->variable_text ? sizeof(char *) : H5Tget_size(type), false};
    return hdf5->element.size > 0 && hdf5->element.size <= PID_SCALAR_TEXT_MAXIMUM;
}

static bool choose_real(struct hdf5 *hdf5, size_t size)
{
    hdf5->memory = H5Tcopy(size == 8 ? H5T_NATIVE_DOUBLE : H5T_NATIVE_FLOAT);
    hdf5->element = (struct pid_scalar){PID_SCALAR_REAL, size == 8 ? 8 : 4, false};
    return size <= 8;
}

static enum pid_status choose_type(struct hdf5 *hdf5, enum pid_array_kind *kind, struct pid_error *error)
{
    hid_t type = H5Dget_type(hdf5->dataset);
    size_t size = type < 0 ? 0 : H5Tget_size(type);
    bool right = false;
    switch (type < 0 ? H5T_NO_CLASS : H5Tget_class(type)) {
    case H5T_FLOAT:
        right = choose_real(hdf5, size);
        *kind = PID_ARRAY_REAL;
        break;
    case H5T_INTEGER:
        right = choose_integer(hdf5, H5Tget_sign(type) == H5T_SGN_2, size);
        *kind = PID_ARRAY_WHOLE;
        break;
    case H5T_ENUM:
        right = choose_integer(hdf5, true, size);
        if (right && is_truth(type)) hdf5->element.kind = PID_SCALAR_BOOLEAN;
        *kind = PID_ARRAY_WHOLE;
        break;
    case H5T_STRING:
        right = choose_text(hdf5, type);
        *kind = PID_ARRAY_TEXT;
        break;
    default: break;
    }
    if (type >= 0) H5Tclose(type);
    if (right && hdf5->memory >= 0) return PID_OK;
    return wrong(hdf5->name, "is of a type that cannot be read: convert it to floats, integers or text", error);
}

/* -- MATLAB's way of HDF5 -- */

bool pid_hdf5_is_matlab(hid_t dataset)
{
    return H5Aexists(dataset, "MATLAB_class") > 0;
}

/* The text of an attribute into text[CLASS_BYTES]; empty where it is none, or longer. */
static void attribute_text(hid_t object, const char *name, char *text)
{
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT), space = attribute < 0 ? -1 : H5Aget_space(attribute);
    hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute), as = H5Tcopy(H5T_C_S1);
    memset(text, 0, CLASS_BYTES);
    if (type >= 0 && H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 && H5Tget_size(type) < CLASS_BYTES &&
        H5Sget_simple_extent_npoints(space) == 1 && H5Tset_size(as, CLASS_BYTES) >= 0 && H5Aread(attribute, as, text) < 0)
        memset(text, 0, CLASS_BYTES);
    text[CLASS_BYTES - 1] = '\0';
    H5Tclose(as);
    if (type >= 0) H5Tclose(type);
    if (space >= 0) H5Sclose(space);
    if (attribute >= 0) H5Aclose(attribute);
}

/* Numbers and truth values alone: its characters look like integers in the file, its empty arrays hold their shape. */
static enum pid_status check_matlab(struct hdf5 *hdf5, struct pid_error *error)
{
    static const char *const numbers[] = {"double", "single", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"};
    char class[CLASS_BYTES];
    attribute_text(hdf5->dataset, "MATLAB_class", class);
    bool right = !strcmp(class, "logical") && hdf5->element.size == 1;
    if (right) hdf5->element.kind = PID_SCALAR_BOOLEAN;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) right = right || !strcmp(class, numbers[i]);
    if (!right)
        return pid_error_set(error, PID_ERROR_DATA, "%s: is of MATLAB's class '%s': only full arrays of numbers and truth values can be read",
                             hdf5->name, class);
    if (H5Aexists(hdf5->dataset, "MATLAB_empty") > 0) return wrong(hdf5->name, "is an empty array of MATLAB", error);
    return PID_OK;
}

static struct pid_array *make_array(struct hdf5 *hdf5, struct pid_error *error)
{
    hsize_t size[PID_ARRAY_AXES] = {0};
    uint64_t shape[PID_ARRAY_AXES] = {0};
    enum pid_array_kind kind = PID_ARRAY_REAL;
    if (choose_type(hdf5, &kind, error) != PID_OK) return NULL;
    hdf5->matlab = pid_hdf5_is_matlab(hdf5->dataset);
    if (hdf5->matlab && check_matlab(hdf5, error) != PID_OK) return NULL;
    hdf5->space = H5Dget_space(hdf5->dataset);
    int axes = hdf5->space < 0 ? -1 : H5Sget_simple_extent_ndims(hdf5->space);
    if (axes < 0 || axes > PID_ARRAY_AXES || H5Sget_simple_extent_dims(hdf5->space, size, NULL) < 0) {
        pid_error_set(error, PID_ERROR_DATA, "%s: has no shape, or more than %d axes", hdf5->name, PID_ARRAY_AXES);
        return NULL;
    }
    if (pid_hdf5_check_storage(hdf5->dataset, hdf5->space, axes, size, hdf5->name, error)) return NULL;
    for (int axis = 0; axis < axes; axis++) shape[axis] = size[hdf5->matlab ? axes - 1 - axis : axis];
    hdf5->axes = (size_t)axes;
    if (hdf5->matlab && axes == 2 && shape[1] == 1) axes = 1; /* MATLAB has no arrays of one axis: a column is meant */
    struct pid_array *array = pid_array_new_shape(hdf5->name, (size_t)axes, shape, error);
    if (!array) return NULL;
    array->kind = kind;
    array->by_column = hdf5->matlab && array->width > 1;
    size_t row = (size_t)array->width * hdf5->element.size, least = array->by_column ? MATLAB_BUFFER_BYTES : BUFFER_BYTES;
    hdf5->buffer_bytes = row > least ? row : least;
    hdf5->buffer = pid_array_new(hdf5->buffer_bytes, 1, error);
    if (hdf5->buffer && hdf5->matlab) hdf5->columns = pid_array_new(hdf5->buffer_bytes / hdf5->element.size, sizeof *hdf5->columns, error);
    if (hdf5->buffer && (!hdf5->matlab || hdf5->columns)) return array;
    pid_array_free(array);
    return NULL;
}

struct pid_array *pid_hdf5_dataset(hid_t file, hid_t dataset, const char *name, struct pid_error *error)
{
    static const struct pid_array_methods methods = {hdf5_rows, hdf5_codes, hdf5_free, hdf5_integers};
    struct hdf5 *hdf5 = pid_array_new(1, sizeof *hdf5, error);
    if (!hdf5) {
        H5Dclose(dataset);
        H5Fclose(file);
        return NULL;
    }
    hdf5->name = name;
    hdf5->file = file;
    hdf5->dataset = dataset;
    struct pid_array *array = make_array(hdf5, error);
    if (!array) {
        hdf5_release(hdf5);
        return NULL;
    }
    array->methods = &methods;
    array->state = hdf5;
    return array;
}

#endif
