#include "forms.h"

#define WHOLE "[0-9]+"
#define REAL "([+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?)"
#define NAMES "([^,]+(,[^,]+)*)?"
#define NAME_AND_FILE "[^=]+=.+"
#define FRACTIONS REAL "(," REAL ")*(x" WHOLE ")?"
#define SHARD WHOLE "/" WHOLE
#define SIZE WHOLE "[KMGT]?"
#define FILE_NAME ".+"
/* One for all variables or by name: "64", "a=64,b=32". */
#define BY_NAME(value) "([^,=]+=)?" value "(,([^,=]+=)?" value ")*"

const struct form common_forms[] = {
    {"output", 'o', FILE_NAME}, {"gzip", 'z', 0}, {"jobs", 'j', WHOLE}, {"seed", 0, WHOLE}, {"max-record", 0, SIZE}, {"progress", 0, 0},
    {"quiet", 'q', 0}, {"verbose", 'v', 0}, {"help", 'h', 0}, {"version", 'V', 0}, {0},
};

const struct program_forms program_forms[] = {
    {"pid-extract", "rows.tsv", {
        {"source", 0, "[^=]+(=.+)?"}, {"target", 0, "[^=]+(=.+)?"}, {"type", 0, ".+=(vector|category|argmax)"}, {"top", 0, "([^=]+=)?" WHOLE},
        {"levels", 0, FILE_NAME}, {"shape", 0, "[^=]+=" WHOLE "(x" WHOLE ")*"}, {"key", 0, NAME_AND_FILE}, {"manifest", 0, FILE_NAME},
        {"pool", 0, BY_NAME("(mean|max|first|last|attention-mask|align)")}, {"mask", 0, NAME_AND_FILE}, {"offsets", 0, NAME_AND_FILE},
        {"rows", 0, "tokens|([0-9]*:[0-9]*)"}, {"shard", 0, SHARD}, {"limit", 0, WHOLE}, {"nan", 0, "refuse|drop|zero"}}},
    {"pid-kmeans", "samples", {
        {"clusters", 'k', BY_NAME(WHOLE)}, {"per", 0, NAMES}, {"method", 0, BY_NAME("(kmeans|argmax|width|quantile)")}, {"standardize", 0, 0},
        {"normalize", 0, 0}, {"pca", 0, BY_NAME(WHOLE)}, {"whiten", 0, 0}, {"init", 0, "k-means[+][+]|random"}, {"n-init", 0, WHOLE},
        {"max-iterations", 0, WHOLE}, {"tolerance", 0, REAL}, {"train-rows", 0, "all|" WHOLE}, {"memory", 0, SIZE}, {"sweep", 0, WHOLE "(," WHOLE ")*"},
        {"seeds", 0, WHOLE}, {"labels", 0, NAME_AND_FILE}, {"save-codebook", 0, FILE_NAME}, {"codebook", 0, FILE_NAME}}},
    {"pid-joint", "labels", {
        {"per", 0, NAMES}, {"sources", 0, NAMES}, {"target", 0, NAMES}, {"table", 0, FILE_NAME}, {"weight", 0, ".*"}, {"count", 0, ".*"},
        {"merge", 0, 0}, {"expect", 0, WHOLE}, {"bootstrap", 0, WHOLE}, {"cluster", 0, ".*"}, {"permute", 0, WHOLE}, {"permute-within", 0, ".*"},
        {"subsample", 0, FRACTIONS}}},
    {"pid-ipfp", "joint", {
        {"tolerance", 't', REAL}, {"replicate-tolerance", 0, REAL}, {"solver", 0, "auto|newton|ipfp"}, {"max-iterations", 0, WHOLE},
        {"max-seconds", 0, REAL}, {"coupling", 0, 0}, {"coupling-threshold", 0, REAL}, {"potentials", 0, 0}, {"strict", 0, 0}}},
    {"pid-report", "decomposition", {
        {"format", 'f', "text|tsv|csv|json|markdown|latex|html|svg|gnuplot"}, {"across", 0, ".*"}, {"units", 0, "bits|nats"}, {"ci", 0, REAL}}},
    {"pid-synth", "joint", {
        {"kind", 0, "joint|labels|samples"}, {"rows", 'n', WHOLE}, {"first", 0, WHOLE}, {"dim", 0, WHOLE}, {"noise", 0, REAL}, {"shard", 0, SHARD},
        {"truth", 0, 0}, {"list", 0, 0}}},
    {"pid-cat", "labels", {
        {"format", 'f', "stream|json|tsv"}, {"check", 0, 0}, {"header", 0, 0}, {"codes", 0, 0}, {"shard", 0, SHARD}}},
    {"pid-sample", "samples", {{"rows", 'n', WHOLE}, {"per", 0, NAMES}}},
    {"pid-shard", "joint", {{"shards", 'n', WHOLE}, {"needs", 0, FILE_NAME}, {"ranges", 0, 0}}},
    {"pid-local", "labels", {
        {"decomposition", 'd', FILE_NAME}, {"top", 0, WHOLE}, {"bottom", 0, WHOLE}, {"by", 0, "synergy|redundant|total|remainder|[a-z]+:.*"}, {"cells", 0, 0},
        {"aggregate", 0, NAMES}, {"bootstrap", 0, WHOLE}, {"cluster", 0, ".*"}}},
    {"pid-gauss", "samples", {
        {"per", 0, NAMES}, {"sources", 0, NAMES}, {"target", 0, NAMES}, {"pca", 0, BY_NAME(WHOLE)}, {"covariance", 0, FILE_NAME}, {"draws", 0, WHOLE},
        {"bootstrap", 0, WHOLE}, {"cluster", 0, ".*"}, {"permute", 0, WHOLE}, {"subsample", 0, FRACTIONS}}},
    {0},
};
