#include "wharf/orm/key_value.hpp"

#include "wharf/row/bytes.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace wharf::orm;
using wharf::cell_view;
using wharf::type_oid;

template <class Number>
std::string big_endian(Number value) {
    std::string out;
    wharf::append(out, value);
    return out;
}

cell_view cell(type_oid type, const std::string& bytes) {
    cell_view made;
    made.type = type;
    made.null = false;
    made.bytes = bytes;
    return made;
}

TEST(key_value, integers_of_all_widths_are_equal) {
    const key_value from_int8(std::int64_t{-7});
    EXPECT_EQ(key_of_cell(cell(type_oid::int4, big_endian(std::int32_t{-7}))), from_int8);
    EXPECT_EQ(key_of_cell(cell(type_oid::int2, big_endian(std::int16_t{-7}))), from_int8);
    EXPECT_EQ(key_of_cell(cell(type_oid::int8, big_endian(std::int64_t{-7}))).hash(), from_int8.hash());
    EXPECT_FALSE(key_of_cell(cell(type_oid::int4, big_endian(std::int32_t{7}))) == from_int8);
}

TEST(key_value, unset_differs_from_an_empty_text) {
    const key_value unset;
    const key_value empty{std::string_view()};
    EXPECT_FALSE(unset.is_set());
    EXPECT_TRUE(empty.is_set());
    EXPECT_FALSE(unset == empty);
    EXPECT_FALSE(key_of_cell(cell_view()).is_set());
}

TEST(key_value, long_keys_are_copied_moved_and_compared) {
    for (const auto size : {0U, 1U, 20U, 21U, 300U}) {
        const std::string bytes(size, 'x');
        key_value first{std::string_view(bytes)};
        key_value copy(first);
        EXPECT_EQ(copy, first);
        key_value moved(std::move(copy));
        EXPECT_EQ(moved, first);
        copy = moved;
        EXPECT_EQ(copy.bytes(), bytes);
        moved = key_value(std::int64_t{1});
        EXPECT_FALSE(moved == first);
    }
}

TEST(key_value, negative_integers_come_before_positive_ones) {
    EXPECT_TRUE(key_value(std::int64_t{-1}) < key_value(std::int64_t{0}));
    EXPECT_FALSE(key_value(std::int64_t{256}) < key_value(std::int64_t{255}));
}

TEST(key_value, composite_key_gives_its_parts_back) {
    const std::string text(300, 't');
    key_builder built(3);
    built.add(cell(type_oid::int4, big_endian(std::int32_t{5})));
    built.add(cell(type_oid::text, text));
    built.add(cell(type_oid::int8, big_endian(std::int64_t{6})));
    const auto key = built.finish();
    EXPECT_EQ(key_part(key, 0, 3, type_oid::int4).bytes, big_endian(std::int64_t{5}));
    EXPECT_EQ(key_part(key, 1, 3, type_oid::text).bytes, text);
    EXPECT_EQ(key_part(key, 2, 3, type_oid::int8).bytes, big_endian(std::int64_t{6}));

    wharf::parameters out;
    add_key_part(key, 0, 3, type_oid::int4, out);
    add_key_part(key_value(), 0, 3, type_oid::int4, out);
    EXPECT_EQ(out[0].bytes, big_endian(std::int32_t{5}));
    EXPECT_TRUE(out[1].null);
}

TEST(key_value, null_part_makes_the_key_unset) {
    key_builder built(2);
    built.add(cell(type_oid::int4, big_endian(std::int32_t{5})));
    built.add(cell_view());
    EXPECT_FALSE(built.finish().is_set());
}

} // namespace
