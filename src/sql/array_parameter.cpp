#include "sql/array_parameter.hpp"

#include "wharf/row/arrays.hpp"
#include "wharf/row/type_name.hpp"

namespace wharf::sql {

void add_array_parameter(parameters& out, const parameters& values) {
    auto element = values[0].type;
    for (std::size_t i = 0; i != values.size() && values[i].null; ++i)
        if (i + 1 != values.size()) element = values[i + 1].type;
    out.add(array_of(element), [&](std::string& bytes) {
        array_writer array(bytes, element);
        for (std::size_t i = 0; i != values.size(); ++i) {
            if (values[i].null)
                array.add_null();
            else
                array.add_encoded(values[i].bytes);
        }
        array.finish();
    });
}

} // namespace wharf::sql
