#include "embedding.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace demo {
namespace {

constexpr float title_weight = 3.0F;
constexpr float pair_weight = 1.0F;
constexpr float letters_weight = 0.35F;

// Words that say nothing of a package.
constexpr std::array<std::string_view, 44> empty_words{
    "a",    "all",      "also",  "an",   "and", "any",  "are", "as",    "at",       "be",       "by",
    "can",  "contains", "for",   "from", "has", "have", "if",  "in",    "includes", "is",       "it",
    "its",  "may",      "more",  "not",  "of",  "on",   "or",  "other", "package",  "provides", "such",
    "that", "the",      "these", "this", "to",  "used", "use", "using", "which",    "with",     "you"};

using features = std::unordered_map<std::uint64_t, float>;

std::uint64_t hash(std::string_view kind, std::string_view text) {
    std::uint64_t value = 14695981039346656037ULL; // FNV-1a
    const auto mix = [&value](std::string_view bytes) {
        for (const char byte : bytes)
            value = (value ^ static_cast<unsigned char>(byte)) * 1099511628211ULL;
    };
    mix(kind);
    mix(text);
    return value ^ (value >> 29);
}

bool belongs_to_word(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '+' || letter == '#';
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    const auto finish = [&] {
        if (!word.empty() && std::ranges::find(empty_words, word) == empty_words.end()) words.push_back(word);
        word.clear();
    };
    for (const char letter : text) {
        const char lower = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
        if (belongs_to_word(lower)) {
            word += lower;
        } else {
            finish();
        }
    }
    finish();
    return words;
}

void count(features& into, std::string_view text, float weight) {
    const auto words = words_of(text);
    for (std::size_t i = 0; i < words.size(); ++i) {
        into[hash("word", words[i])] += weight;
        if (i > 0) into[hash("pair", words[i - 1] + ' ' + words[i])] += weight * pair_weight;
        const auto framed = '^' + words[i] + '$';
        for (std::size_t at = 0; at + 4 <= framed.size(); ++at) {
            into[hash("letters", std::string_view(framed).substr(at, 4))] += weight * letters_weight;
        }
    }
}

} // namespace

std::vector<float> embed(std::string_view title, std::string_view text) {
    features found;
    count(found, title, title_weight);
    count(found, text, 1.0F);

    std::vector<float> vector(embedding_dimensions, 0.0F);
    for (const auto& [feature, weight] : found) {
        const float sign = (feature >> 63) != 0 ? 1.0F : -1.0F;
        vector[feature % embedding_dimensions] += sign * std::log1p(weight);
    }
    float squares = 0.0F;
    for (const float value : vector)
        squares += value * value;
    if (squares > 0.0F) {
        for (float& value : vector)
            value /= std::sqrt(squares);
    }
    return vector;
}

} // namespace demo
